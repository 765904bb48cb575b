import { ClipBatch } from "../video/clip-batch.js";
import type { FrameBatch } from "../video/frame.js";

/** Clips of several items. */
export class LoadedBatch<K = number> extends ClipBatch {
  /** By clip: the key of its item. */
  readonly keys: readonly K[];

  /** @internal */
  constructor(frames: FrameBatch, numFramesPerClip: number, keys: readonly K[]) {
    super(frames, numFramesPerClip);
    this.keys = keys;
  }
}
