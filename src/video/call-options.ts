import type { FrameRange, FrameSelection } from "./frame-selection.js";

/** Stops one call. */
export interface CallOptions {
  /** The call rejects with its reason, at once, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** At which rate frames are taken. */
export interface ResampleOptions extends CallOptions {
  /** Frames a second: the frame on screen at each multiple of 1 / fps after the start, repeated or left out as needed. */
  readonly fps?: number | undefined;
}

/** Which of a range are taken. */
export interface RangeOptions extends CallOptions {
  /** Every how manyth frame; default 1. */
  readonly step?: number | undefined;
}

/** A range of frames, by default all of them, or any other selection. */
export type FramesOptions = CallOptions & (FrameRange | FrameSelection);

/** Which frames `batches` gives, and how many at a time. */
export type BatchesOptions = FramesOptions & {
  /** Frames in a batch, 1 to 1048576; the last one has what is left. */
  readonly size: number;
};
