import { videoMetadata } from "../metadata.js";
import { type DecoderSettings, openSpec } from "../options.js";
import type { ExtractBase, MadeIndex, NeedsRoom } from "../../protocol/video.js";
import { decodingBytes } from "../../protocol/output.js";
import { drawTransforms } from "../transforms.js";
import { decodeFrames } from "../batch-decoder.js";
import type { ExtractedFrames, FileRequest } from "../host.js";
import { type OpenSource, withSource } from "../../feed/open-source.js";
import { openVideoStream } from "../open-video.js";
import type { PoolResources } from "../../pool/resources.js";
import { Timeline } from "../timeline.js";

/** Frames of a file that is not kept open. */
export async function extractFile(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<ExtractedFrames | NeedsRoom> {
  return await withFile(resources, request, settings, signal, {
    asDecoder: (opened, linked) => extractAsDecoder(resources, opened, request, settings, linked),
    atOnce: (opened, linked) => extractAtOnce(resources, opened, request, settings, linked),
  });
}

type Way<T> = (opened: OpenSource, signal: AbortSignal) => Promise<T>;

/** As a decoder what has to be asked for its bytes, at once what is at hand. */
export async function withFile<T>(
  resources: PoolResources,
  { source }: FileRequest,
  { readTimeoutMs }: DecoderSettings,
  signal: AbortSignal,
  { asDecoder, atOnce }: { readonly asDecoder: Way<T>; readonly atOnce: Way<T> },
): Promise<T> {
  const options = { identify: resources.identifies, readTimeoutMs };
  return await withSource(resources.feed, source, options, signal, async (opened, linked) => {
    const { link } = opened;
    if (link !== undefined && link.fetchWhole === undefined) return await asDecoder(opened, linked);
    const done = await atOnce(opened, linked);
    await opened.release();
    return done;
  });
}

/** As a decoder would: what has to be fetched is known before the decoding takes a worker, so that no worker waits for it. */
async function extractAsDecoder(
  resources: PoolResources,
  opened: OpenSource,
  { selection, position, room }: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<ExtractedFrames | NeedsRoom> {
  const video = await openVideoStream(resources, opened, settings, position, signal);
  try {
    const { metadata, index, label, spec } = video;
    const { indices, targetSeconds } = new Timeline(metadata, index, label).select(selection);
    const { width, height } = spec.processing;
    const needed = indices.length * spec.frameBytes + decodingBytes(width, height);
    if (needed > room && needed <= resources.settings.limits.maxOutputBytes) return { needs: needed };
    const decoded = await decodeFrames(video, indices, signal);
    return { metadata, decoded: { ...decoded, rows: { ...decoded.rows, targetSeconds } }, needed };
  } finally {
    // Not awaited: a worker that holds it may be busy with another file.
    video.release().catch(() => undefined);
  }
}

/** One task, in which a worker opens, indexes, selects and decodes: least work where the bytes are at hand. */
async function extractAtOnce(
  resources: PoolResources,
  opened: OpenSource,
  request: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<ExtractedFrames | NeedsRoom> {
  const { workers, memory } = resources;
  const { label, link } = opened;
  const { job, keep } = await wholeJob(resources, opened, request, settings, signal);
  const offered = memory.offer(request.usual);
  const { result, settled } = workers.run(
    { kind: "extract", ...job, output: offered },
    { label, signal, channel: link?.channel },
  );
  const done = await result.catch((error: unknown) => {
    void settled.then(() => {
      memory.takeBack(offered);
    });
    throw error;
  });
  await keep(done);
  if ("needs" in done) {
    memory.takeBack(offered);
    return { needs: done.needs };
  }
  const used = offered !== undefined && done.usedOffered;
  if (!used) memory.takeBack(offered);
  const { indices, ptsSeconds, durationSeconds, status, targetSeconds } = done;
  return {
    metadata: videoMetadata(done.info, done.content, label),
    decoded: {
      lease: memory.adopt(used ? offered : done.output),
      spec: done.spec,
      rows: { indices, ptsSeconds, durationSeconds, status, targetSeconds },
    },
    needed: done.needed,
  };
}

interface WholeJob {
  /** What a job says that does it all, with the bytes of a source that is fetched as a whole. */
  readonly job: ExtractBase;
  /** Keeps what it made. */
  readonly keep: (done: MadeIndex) => Promise<void>;
}

export async function wholeJob(
  resources: PoolResources,
  opened: OpenSource,
  { selection, position, room }: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<WholeJob> {
  const { pixelFormat, dtype, dimensionOrder, transforms, onError, threads } = settings;
  const {
    settings: { limits },
    ahead,
  } = resources;
  const { ref, link } = opened;
  const open = openSpec(settings, limits);
  const kept = resources.keptIndex(opened, open);
  const saved = await kept?.get();
  const job: ExtractBase = {
    readerKey: undefined,
    source: ref,
    fetched: (await link?.fetchWhole?.(signal)) ?? [],
    open,
    saved: saved === undefined ? undefined : { bytes: saved, strict: false },
    keep: kept !== undefined,
    selection,
    request: { pixelFormat, dtype, dimensionOrder, transforms: drawTransforms(transforms, position) },
    onError,
    threads: threads ?? 1,
    maxOutputBytes: limits.maxOutputBytes,
    // What was fetched as a whole would be fetched again.
    room: link === undefined ? room : Math.max(room, ahead.most / 4),
  };
  return { job, keep: async ({ made }) => kept?.put(made) };
}
