import { FramepoolError } from "../errors.js";
import { videoMetadata } from "../metadata.js";
import { type DecoderSettings, openSpec } from "../options.js";
import { select } from "../protocol/selection.js";
import { drawTransforms } from "../transforms.js";
import { decodeFrames } from "./batch-decoder.js";
import type { ExtractedFrames, FileRequest } from "./host.js";
import { type OpenSource, withSource } from "./open-source.js";
import { openStream } from "./open-video.js";
import type { PoolResources } from "./resources.js";
import { Timeline } from "./timeline.js";

/** Frames of a file that is not kept open. `usual` remembers what they took from one call to the next. */
export async function extractFile(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  usual: { bytes: number },
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const options = { identify: false, readTimeoutMs: settings.readTimeoutMs };
  return await withSource(resources, request.source, options, signal, async (opened, linked) => {
    const { link } = opened;
    if (link !== undefined && link.fetchWhole === undefined) {
      return await extractAsDecoder(resources, opened, request, settings, linked);
    }
    const frames = await extractAtOnce(resources, opened, request, settings, usual, linked);
    await opened.release();
    return frames;
  });
}

/** As a decoder would: what has to be fetched is known before the decoding takes a worker, so that no worker waits for it. */
async function extractAsDecoder(
  resources: PoolResources,
  opened: OpenSource,
  { selection, position }: FileRequest,
  settings: DecoderSettings,
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const video = await openStream(resources, opened, settings, position, signal);
  try {
    const { metadata, index, label } = video;
    if (index === undefined) throw new FramepoolError("E_INTERNAL", "no index", { source: label });
    const wanted = new Timeline(metadata, index, label).named(() => select(index, selection));
    return { metadata, decoded: await decodeFrames(video, wanted, signal) };
  } finally {
    // Not awaited: a worker that holds it may be busy with another file.
    video.release().catch(() => undefined);
  }
}

/** One task, in which a worker opens, indexes, selects and decodes: least work where the bytes are at hand. */
async function extractAtOnce(
  resources: PoolResources,
  { ref, label, link }: OpenSource,
  { selection, position }: FileRequest,
  settings: DecoderSettings,
  usual: { bytes: number },
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const { workers, memory } = resources;
  const { limits } = resources.settings;
  const fetched = (await link?.fetchWhole?.(signal)) ?? [];
  const offered = memory.offer(usual.bytes);
  const { result, settled } = workers.run(
    {
      kind: "extract",
      readerKey: undefined,
      source: ref,
      fetched,
      open: openSpec(settings, limits),
      selection,
      request: {
        pixelFormat: settings.pixelFormat,
        dtype: settings.dtype,
        dimensionOrder: settings.dimensionOrder,
        transforms: drawTransforms(settings.transforms, position),
      },
      onError: settings.onError,
      threads: settings.threads ?? 1,
      maxOutputBytes: limits.maxOutputBytes,
      output: offered,
    },
    { label, signal, channel: link?.channel },
  );
  const done = await result.catch((error: unknown) => {
    void settled.then(() => {
      memory.takeBack(offered);
    });
    throw error;
  });
  usual.bytes = done.output.byteLength;
  const used = offered !== undefined && done.usedOffered;
  if (!used) memory.takeBack(offered);
  const { indices, ptsSeconds, durationSeconds, status } = done;
  return {
    metadata: videoMetadata(done.info, done.content, label),
    decoded: {
      lease: memory.adopt(used ? offered : done.output),
      spec: done.spec,
      rows: { indices, ptsSeconds, durationSeconds, status },
    },
  };
}
