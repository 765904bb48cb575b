import { ClipBatch } from "../video/clip-batch.js";
import type { DType } from "../protocol/output.js";
import type { FrameBatch } from "../video/frame.js";

/** Clips of several items. */
export class LoadedBatch<K = number, D extends DType = DType> extends ClipBatch<D> {
  /** By clip: the key of its item. */
  readonly keys: readonly K[];

  /** @internal */
  constructor(frames: FrameBatch<D>, numFramesPerClip: number, keys: readonly K[]) {
    super(frames, numFramesPerClip);
    this.keys = keys;
  }
}
