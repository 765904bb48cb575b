import { placeIn } from "../arguments.js";
import { type PixelData, Releasable } from "../releasable.js";
import type { FrameBatch } from "./frame.js";
import type { FrameStatus } from "../protocol/video.js";
import type { DType } from "../protocol/output.js";

/** Clips of equal length in one piece of memory. Valid until release(), which is optional. */
export class ClipBatch<D extends DType = DType> extends Releasable<D> implements Iterable<FrameBatch<D>> {
  /** Number of clips. */
  readonly length: number;
  /** Frames of each clip. */
  readonly numFramesPerClip: number;
  /** [clips, frames, ...shape of one frame]. */
  readonly shape: readonly number[];
  /** The type of a value in `data`. */
  readonly dtype: D;
  /** Of each frame, in pixels, with all transforms done; of native as decoded. */
  readonly width: number;
  /** In pixels, as `width`. */
  readonly height: number;
  /** FFmpeg's name: "rgb24", "rgba", "gray8", or for native the decoder's own. */
  readonly pixelFormat: string;
  /** By frame, as the four that follow, one clip after the other: frame j of clip i is at i * numFramesPerClip + j. Its number in its video. */
  readonly indices: Int32Array;
  /** By frame: when it comes on screen, on its file's clock. */
  readonly ptsSeconds: Float64Array;
  /** By frame: how long it is on screen. */
  readonly durationSeconds: Float64Array;
  /** Where clips were chosen by time: the time that each frame stands for, on the file's clock. */
  readonly targetSeconds: Float64Array | undefined;
  /** By frame: how it came about. */
  readonly status: readonly FrameStatus[];
  readonly #frames: FrameBatch<D>;

  /** @internal */
  constructor(frames: FrameBatch<D>, numFramesPerClip: number) {
    super(frames.values);
    this.length = frames.length / numFramesPerClip;
    this.numFramesPerClip = numFramesPerClip;
    this.shape = [this.length, numFramesPerClip, ...frames.shape.slice(1)];
    this.dtype = frames.dtype;
    this.width = frames.width;
    this.height = frames.height;
    this.pixelFormat = frames.pixelFormat;
    this.indices = frames.indices;
    this.ptsSeconds = frames.ptsSeconds;
    this.durationSeconds = frames.durationSeconds;
    this.targetSeconds = frames.targetSeconds;
    this.status = frames.status;
    this.#frames = frames;
  }

  /** All values, clip after clip. Throws E_CLOSED after release(). */
  get data(): PixelData<D> {
    return this.values.data;
  }

  /** The frames of a clip, without a copy, valid as long as this batch; negative numbers count from the end. Throws E_OUT_OF_RANGE. */
  clip(clip: number): FrameBatch<D> {
    const place = placeIn("clip", clip, this.length);
    return this.#frames.slice(place * this.numFramesPerClip, (place + 1) * this.numFramesPerClip);
  }

  /** Each clip as a batch of frames, over the same memory. */
  *[Symbol.iterator](): Generator<FrameBatch<D>, void, undefined> {
    for (let clip = 0; clip < this.length; clip++) yield this.clip(clip);
  }
}
