import { FramepoolError, isInstance } from "../errors.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import { checkRows, frameAt, outsideTime, toFrames } from "../protocol/selection.js";

/** Times to frames: from the index, or in approximate mode from the header's frame rate. */
export class Timeline {
  /** The first moment with a frame. */
  readonly begin: number;
  /** Exclusive. */
  readonly end: number;
  readonly #metadata: VideoStreamMetadata;
  readonly #index: FrameIndex | undefined;
  readonly #label: string;

  constructor(metadata: VideoStreamMetadata, index: FrameIndex | undefined, label: string) {
    this.begin = metadata.beginStreamSeconds;
    this.end = metadata.endStreamSeconds ?? this.begin;
    this.#metadata = metadata;
    this.#index = index;
    this.#label = label;
  }

  /** The frame on screen. Throws E_OUT_OF_RANGE. */
  frameAt(time: number): number {
    const index = this.#index;
    if (index !== undefined) return this.named(() => frameAt(index, time));
    // One picture, a cover say, may be on screen for no time.
    if (time === this.begin && this.#metadata.numFrames === 1) return 0;
    if (time < this.begin || time >= this.end) throw this.#outside(time);
    return Math.min(this.#metadata.numFrames - 1, Math.floor((time - this.begin) * this.#fps() + 1e-6));
  }

  /** The frames on screen at these times. Throws E_OUT_OF_RANGE. */
  framesAt(times: Float64Array): Int32Array {
    return toFrames(times, (time) => this.frameAt(time));
  }

  /** Frames on screen in [start, stop), empty when start is not before stop. Throws E_OUT_OF_RANGE. */
  framesIn(start: number, stop: number): Int32Array {
    if (start >= stop) return new Int32Array(0);
    this.#check(start, stop);
    const first = this.frameAt(start);
    if (this.#index === undefined) {
      const last = Math.min(this.#metadata.numFrames, Math.ceil((stop - this.begin) * this.#fps() - 1e-6));
      return sequence(first, last);
    }
    if (this.#index.monotonic) return sequence(first, this.#index.firstAtOrAfter(stop));
    const frames: number[] = [];
    this.#index.pts.forEach((pts, i) => {
      if (i === first || (pts >= start && pts < stop)) frames.push(i);
    });
    return Int32Array.from(frames);
  }

  /** start + i / fps for round((stop - start) * fps) frames, halves away from zero, as torchcodec. */
  ticks(start: number, stop: number, fps: number): Float64Array {
    if (start >= stop) return new Float64Array(0);
    this.#check(start, stop);
    this.named(() => {
      checkRows((stop - start) * fps);
    });
    const times = new Float64Array(Math.floor((stop - start) * fps + 0.5));
    for (let i = 0; i < times.length; i++) times[i] = start + i / fps;
    return times;
  }

  /** Runs something that knows no file; its errors get the file's name. */
  named<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!isInstance(error, FramepoolError)) throw error;
      throw this.#name(error);
    }
  }

  #check(start: number, stop: number): void {
    if (start < this.begin || start >= this.end) throw this.#outside(start);
    if (stop > this.end) throw this.#outside(stop);
  }

  #fps(): number {
    const { averageFps } = this.#metadata;
    if (averageFps !== null) return averageFps;
    throw new FramepoolError("E_METADATA", 'the header states no frame rate: open it with seekMode "exact"', {
      source: this.#label,
    });
  }

  #outside(time: number): FramepoolError {
    return this.#name(outsideTime(time, this.begin, this.end));
  }

  #name(error: FramepoolError): FramepoolError {
    return new FramepoolError(error.code, error.reason, { source: this.#label });
  }
}

function sequence(first: number, stop: number): Int32Array {
  const frames = new Int32Array(Math.max(0, stop - first));
  for (let i = 0; i < frames.length; i++) frames[i] = first + i;
  return frames;
}
