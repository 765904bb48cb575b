import { videoMetadata } from "../metadata.js";
import { type DecoderSettings, openSpec } from "../options.js";
import type { Selection } from "../protocol/selection.js";
import type { MediaSource } from "../sources/media-source.js";
import type { ExtractedFrames } from "./host.js";
import { type OpenSource, withSource } from "./open-source.js";
import type { PoolResources } from "./resources.js";

/** One task: a worker opens, indexes, selects and decodes. `usual` remembers what it took from one call to the next. */
export async function extractFile(
  resources: PoolResources,
  { source, selection }: { readonly source: MediaSource; readonly selection: Selection },
  settings: DecoderSettings,
  usual: { bytes: number },
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const options = { identify: false, readTimeoutMs: settings.readTimeoutMs };
  return await withSource(resources, source, options, signal, async (opened, linked) => {
    const frames = await extractFrom(resources, opened, selection, settings, usual, linked);
    await opened.release();
    return frames;
  });
}

async function extractFrom(
  resources: PoolResources,
  { ref, label, link }: OpenSource,
  selection: Selection,
  settings: DecoderSettings,
  usual: { bytes: number },
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const { workers, memory } = resources;
  const { limits } = resources.settings;
  const pieces = (await link?.fetchOpening?.(signal)) ?? [];
  const offered = memory.offer(usual.bytes);
  const { result, settled } = workers.run(
    {
      kind: "extract",
      readerKey: undefined,
      source: ref,
      pieces,
      open: openSpec(settings, limits),
      selection,
      request: {
        pixelFormat: settings.pixelFormat,
        dtype: settings.dtype,
        dimensionOrder: settings.dimensionOrder,
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
