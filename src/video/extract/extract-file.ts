import { type OpenSource, withSource } from "../../feed/open-source.js";
import type { PoolResources } from "../../pool/resources.js";
import { type Encoding, expectedImageBytes, imageSpec } from "../../protocol/image.js";
import { decodingBytes } from "../../protocol/output.js";
import { joinRows } from "../../protocol/rows.js";
import type { Selected } from "../../protocol/selection.js";
import type { ExtractBase, MadeIndex, NeedsRoom } from "../../protocol/video.js";
import { decodeFrames } from "../batch-decoder.js";
import { checkBytes } from "../frame-request.js";
import type { ExtractedFrames, ExtractedImages, FileRequest } from "../host.js";
import type { ImageRows } from "../images/encoded-image.js";
import { imagesAhead } from "../images/images-ahead.js";
import { videoMetadata } from "../metadata.js";
import { openVideo } from "../open-video.js";
import type { OpenVideo } from "../opened-video.js";
import { type DecoderSettings, openSpec, requestOf } from "../options.js";
import { Timeline, namedFor } from "../timeline.js";

/** Frames of a file that is not kept open. */
export async function extractFile(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<ExtractedFrames | NeedsRoom> {
  return await withFile(resources, request, settings, signal, { asDecoder: framesAsDecoder, atOnce: framesAtOnce });
}

/** Images of a file that is not kept open. */
export async function extractFileImages(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  encoding: Encoding,
  signal: AbortSignal,
): Promise<ExtractedImages | NeedsRoom> {
  return await withFile(resources, request, settings, signal, {
    asDecoder: (file, video, selected) => imagesAsDecoder(file, video, selected, encoding),
    atOnce: (file) => imagesAtOnce(file, encoding),
  });
}

/** A file that is open for one request. */
interface OpenFile {
  readonly resources: PoolResources;
  readonly opened: OpenSource;
  readonly request: FileRequest;
  readonly settings: DecoderSettings;
  readonly signal: AbortSignal;
}

interface Ways<T> {
  /** As a decoder would: what has to be fetched is known before the decoding takes a worker, so that no worker waits for it. */
  readonly asDecoder: (file: OpenFile, video: OpenVideo, selected: Selected) => Promise<T>;
  /** One task, in which a worker opens, indexes, selects and decodes: least work where the bytes are at hand. */
  readonly atOnce: (file: OpenFile) => Promise<T>;
}

async function withFile<T>(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
  { asDecoder, atOnce }: Ways<T>,
): Promise<T> {
  const options = { identify: resources.identifies, readTimeoutMs: settings.readTimeoutMs };
  return await withSource(resources.feed, request.source, options, signal, async (opened, linked) => {
    const file = { resources, opened, request, settings, signal: linked };
    const { link } = opened;
    if (link === undefined || link.fetchWhole !== undefined) {
      const done = await atOnce(file);
      await opened.release();
      return done;
    }
    const video = await openVideo(resources, opened, settings, request.position, linked);
    try {
      const { metadata, index, label } = video;
      return await asDecoder(file, video, new Timeline(metadata, index, label).select(request.selection));
    } finally {
      // Not awaited: a worker that holds it may be busy with another file.
      video.release().catch(() => undefined);
    }
  });
}

async function framesAsDecoder(
  { resources, request, signal }: OpenFile,
  video: OpenVideo,
  { indices, targetSeconds }: Selected,
): Promise<ExtractedFrames | NeedsRoom> {
  const { metadata, spec } = video;
  const { width, height } = spec.processing;
  const needed = indices.length * spec.frameBytes + decodingBytes(width, height);
  if (needed > request.room && needed <= resources.settings.limits.maxOutputBytes) return { needs: needed };
  const decoded = await decodeFrames(video, indices, signal);
  return { metadata, decoded: { ...decoded, rows: { ...decoded.rows, targetSeconds } }, needed };
}

async function imagesAsDecoder(
  { resources, request, signal }: OpenFile,
  video: OpenVideo,
  { indices: wanted, targetSeconds }: Selected,
  encoding: Encoding,
): Promise<ExtractedImages | NeedsRoom> {
  const { metadata, info, label } = video;
  const { maxPixels } = resources.settings.limits;
  const spec = namedFor(label, () => imageSpec(info, video.request, maxPixels, encoding));
  checkBytes(video, wanted.length, spec);
  const needed = expectedImageBytes(wanted.length, spec, encoding) + decodingBytes(info.codedWidth, info.codedHeight);
  if (needed > request.room) return { needs: needed };
  const pieces: ImageRows[] = [];
  for await (const piece of imagesAhead(video, wanted, encoding, signal)) pieces.push(piece);
  const images = pieces.flatMap((piece) => piece.images);
  const rows = { ...joinRows(pieces.map((piece) => piece.rows)), targetSeconds };
  return { metadata, encoded: { images, rows, width: spec.width, height: spec.height }, needed };
}

async function framesAtOnce(file: OpenFile): Promise<ExtractedFrames | NeedsRoom> {
  const { workers, memory } = file.resources;
  const { label, link } = file.opened;
  const { job, keep } = await wholeJob(file);
  const offered = memory.offer(file.request.usual);
  const { result, settled } = workers.run(
    { kind: "extract", ...job, output: offered },
    { label, signal: file.signal, channel: link?.channel },
  );
  const done = await result.catch((error: unknown) => {
    void settled.then(() => {
      memory.takeBack(offered);
    });
    throw error;
  });
  await keep(done);
  const used = offered !== undefined && !("needs" in done) && done.usedOffered;
  if (!used) memory.takeBack(offered);
  if ("needs" in done) return { needs: done.needs };
  return {
    metadata: videoMetadata(done.info, done.content, label),
    decoded: { lease: memory.adopt(used ? offered : done.output), spec: done.spec, rows: done.rows },
    needed: done.needed,
  };
}

async function imagesAtOnce(file: OpenFile, encoding: Encoding): Promise<ExtractedImages | NeedsRoom> {
  const { label, link } = file.opened;
  const { job, keep } = await wholeJob(file);
  const done = await file.resources.workers.run(
    { kind: "extractImages", ...job, encoding },
    { label, signal: file.signal, channel: link?.channel },
  ).result;
  await keep(done);
  if ("needs" in done) return { needs: done.needs };
  const { rows, images, spec } = done;
  return {
    metadata: videoMetadata(done.info, done.content, label),
    encoded: { images, rows, width: spec.width, height: spec.height },
    needed: done.needed,
  };
}

interface WholeJob {
  /** What a job says that does it all, with the bytes of a source that is fetched as a whole. */
  readonly job: ExtractBase;
  /** Keeps what it made. */
  readonly keep: (done: MadeIndex) => Promise<void>;
}

async function wholeJob({ resources, opened, request, settings, signal }: OpenFile): Promise<WholeJob> {
  const { selection, position, room } = request;
  const { onError, threads } = settings;
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
    request: requestOf(settings, position),
    onError,
    threads: threads ?? 1,
    maxOutputBytes: limits.maxOutputBytes,
    // What was fetched as a whole would be fetched again.
    room: link === undefined ? room : Math.max(room, ahead.most / 4),
  };
  return { job, keep: async ({ made }) => kept?.put(made) };
}
