import { FramepoolError } from "../errors.js";
import { type FrameIndex, at } from "./frame-index.js";

/** Which frame of a stream is on screen when. Seconds on the file's clock. */
export interface FrameTimes {
  /** Number of frames. */
  readonly length: number;
  /** The first moment with a frame. */
  readonly begin: number;
  /** Exclusive. */
  readonly end: number;
  /** The frame on screen, -1 where there is none. */
  playedAt(time: number): number;
  /** The frame for a time at which none is on screen: the one before it, or the first to come. */
  nearest(time: number): number;
  /** What is on screen in [start, stop), which lies in the video, ascending by number. `first`: what is there at the start. */
  playedIn(first: number, start: number, stop: number): Int32Array;
  /** Ascending. Throws E_METADATA where nothing tells them. */
  keyFrames(): Int32Array;
}

/** Exactly, as an index knows. */
export class IndexedTimes implements FrameTimes {
  readonly length: number;
  readonly begin: number;
  readonly end: number;
  readonly #index: FrameIndex;

  constructor(index: FrameIndex) {
    const { numFrames, beginSeconds, endSeconds } = index.summary();
    this.length = numFrames;
    this.begin = beginSeconds;
    this.end = endSeconds;
    this.#index = index;
  }

  playedAt(time: number): number {
    return this.#index.playedAt(time);
  }

  nearest(time: number): number {
    return this.#index.lastShownBefore(time);
  }

  playedIn(first: number, start: number, stop: number): Int32Array {
    if (this.#index.monotonic) return sequence(first, this.#index.firstAtOrAfter(stop), 1);
    const frames: number[] = [];
    this.#index.pts.forEach((pts, i) => {
      if (i === first || (pts >= start && pts < stop)) frames.push(i);
    });
    return Int32Array.from(frames);
  }

  keyFrames(): Int32Array {
    const frames: number[] = [];
    for (let i = 0; i < this.length; i++) if (at(this.#index.key, i) === 1) frames.push(i);
    return Int32Array.from(frames);
  }
}

/** As the header's frame rate says: approximate mode. */
export class RatedTimes implements FrameTimes {
  readonly length: number;
  readonly begin: number;
  readonly end: number;
  readonly #rate: number | null;

  /** `rate`: frames a second; null where the header does not say. */
  constructor(length: number, begin: number, end: number, rate: number | null) {
    this.length = length;
    this.begin = begin;
    this.end = end;
    this.#rate = rate;
  }

  playedAt(time: number): number {
    // One picture, a cover say, may be on screen for no time.
    if (time === this.begin && this.length === 1) return 0;
    if (time < this.begin || time >= this.end) return -1;
    return Math.min(this.length - 1, Math.floor((time - this.begin) * this.#fps() + 1e-6));
  }

  nearest(time: number): number {
    return time < this.begin ? 0 : this.length - 1;
  }

  playedIn(first: number, _start: number, stop: number): Int32Array {
    return sequence(first, Math.min(this.length, Math.ceil((stop - this.begin) * this.#fps() - 1e-6)), 1);
  }

  keyFrames(): Int32Array {
    throw new FramepoolError("E_METADATA", 'only an index tells the key frames: open it with seekMode "exact"');
  }

  #fps(): number {
    if (this.#rate !== null) return this.#rate;
    throw new FramepoolError("E_METADATA", 'the header states no frame rate: open it with seekMode "exact"');
  }
}

/** Every `step`th number from `first`, inclusive, to `stop`, exclusive. */
export function sequence(first: number, stop: number, step: number): Int32Array {
  const frames = new Int32Array(Math.max(0, Math.ceil((stop - first) / step)));
  for (let i = 0; i < frames.length; i++) frames[i] = first + i * step;
  return frames;
}
