import { videoMetadata } from "../metadata.js";
import { type DecoderSettings, openSpec } from "../options.js";
import type { Selection } from "../protocol/selection.js";
import { type MediaSource, resolveSource } from "../sources/media-source.js";
import { drawTransforms } from "../transforms.js";
import type { ExtractedFrames } from "./host.js";
import type { PoolResources } from "./resources.js";

/** What is remembered from one file to the next. */
export interface ExtractionState {
  /** What the last result took: the next one is offered as much. */
  bytes: number;
  /** Files begun. */
  position: number;
}

/** One task: a worker opens, indexes, selects and decodes. */
export async function extractFile(
  resources: PoolResources,
  { source, selection }: { readonly source: MediaSource; readonly selection: Selection },
  settings: DecoderSettings,
  state: ExtractionState,
  signal: AbortSignal,
): Promise<ExtractedFrames> {
  const { workers, memory } = resources;
  const { limits } = resources.settings;
  const transforms = drawTransforms(settings.transforms, state.position++);
  const { ref, label } = await resolveSource(source, false);
  const offered = memory.offer(state.bytes);
  const { result, settled } = workers.run(
    {
      kind: "extract",
      readerKey: undefined,
      source: ref,
      open: openSpec(settings, limits),
      selection,
      request: {
        pixelFormat: settings.pixelFormat,
        dtype: settings.dtype,
        dimensionOrder: settings.dimensionOrder,
        transforms,
      },
      onError: settings.onError,
      threads: settings.threads ?? 1,
      maxOutputBytes: limits.maxOutputBytes,
      output: offered,
    },
    { label, signal },
  );
  const done = await result.catch((error: unknown) => {
    void settled.then(() => {
      memory.takeBack(offered);
    });
    throw error;
  });
  state.bytes = done.output.byteLength;
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
