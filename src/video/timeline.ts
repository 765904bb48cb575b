import { FramepoolError, isInstance } from "../errors.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import { type FrameTimes, IndexedTimes, RatedTimes } from "../protocol/frame-times.js";
import { type Selected, type Selection, select } from "../protocol/selection.js";

/** Which frames a selection means: by the index, or in approximate mode by the header's frame rate. */
export class Timeline {
  readonly #times: FrameTimes;
  readonly #label: string;

  constructor(metadata: VideoStreamMetadata, index: FrameIndex | undefined, label: string) {
    const { numFrames, beginStreamSeconds, endStreamSeconds, averageFps } = metadata;
    this.#times =
      index === undefined
        ? new RatedTimes(numFrames, beginStreamSeconds, endStreamSeconds ?? beginStreamSeconds, averageFps)
        : new IndexedTimes(index);
    this.#label = label;
  }

  /** Throws E_OUT_OF_RANGE, E_LIMIT and E_METADATA, with the file's name. */
  select(selection: Selection): Selected {
    return namedFor(this.#label, () => select(this.#times, selection));
  }
}

/** Runs something that knows no file; its errors get the file's name. */
export function namedFor<T>(source: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!isInstance(error, FramepoolError)) throw error;
    throw new FramepoolError(error.code, error.reason, { source });
  }
}
