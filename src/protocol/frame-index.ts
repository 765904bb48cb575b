import type { Ratio } from "./stream-info.js";

/** What an exact index says of the whole stream. Seconds. */
export interface ContentSummary {
  readonly numFrames: number;
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/**
 * The same layout as `IndexView` in native/av/frame_index.h: a header of 12 int32 and the whole stream's begin and end in seconds,
 * then the arrays, widest first. All that is told of every frame is told there: a loop over them costs as much as to open the file.
 */
const headerBytes = 64;
const beginBytes = 48;
/** Of a frame, in all arrays. */
const bytesOfFrame = 45;

/** A time that the container does not say. */
export const noTime = -(2n ** 63n);

/** One frame, in its stream's time base. */
export interface FrameTime {
  readonly pts: bigint;
  readonly duration: bigint;
  readonly key: boolean;
}

interface ArrayOver<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset: number, length: number): A;
}

/** The exact index of a stream, over memory that all threads share. Frames are numbered in the decoder's output order. */
export class FrameIndex {
  readonly buffer: SharedArrayBuffer;
  readonly length: number;
  /** Seconds. */
  readonly pts: Float64Array;
  readonly duration: Float64Array;
  /** Ordinal, in file order, of the last packet that each frame needs, and of the key packet it is decoded from. */
  readonly lastPacket: Int32Array;
  readonly start: Int32Array;
  /** By packet, in file order: where its bytes begin in the file, -1 where the container does not say, and how many. */
  readonly packetPosition: BigInt64Array;
  readonly packetSize: Int32Array;
  /** In the stream's time base; `noTime` where the container does not say. */
  readonly packetPts: BigInt64Array;
  readonly packetDts: BigInt64Array;
  /** The frame that it begins, or is a part of; -1 without. */
  readonly packetFrame: Int32Array;
  /** 1 for packets of key frames. */
  readonly packetKey: Uint8Array;
  /** 1 for key frames. */
  readonly key: Uint8Array;
  /** Only the frames are known, not the packets that they come from: they are decoded by their times. */
  readonly framesOnly: boolean;
  /** Later frames have later times, as in all but broken or spliced files. */
  readonly monotonic: boolean;
  readonly #ptsTicks: BigInt64Array;
  readonly #durationTicks: BigInt64Array;
  readonly #span: Float64Array;

  /** Over memory that may have been looked at before. */
  static of(buffer: SharedArrayBuffer): FrameIndex {
    const found = known.get(buffer);
    if (found !== undefined) return found;
    const index = new FrameIndex(buffer);
    known.set(buffer, index);
    return index;
  }

  /** Of frames whose packets are not known. Times in the stream's time base, in the order of the frames. */
  static ofFrames(times: readonly FrameTime[], timeBase: Ratio): FrameIndex {
    const frames = times.length;
    const buffer = new SharedArrayBuffer(headerBytes + bytesOfFrame * frames);
    const header = new Int32Array(buffer, 0, 12);
    header[1] = frames;
    const index = new FrameIndex(buffer);
    let [begin, end] = [Infinity, -Infinity];
    let monotonic = true;
    for (const [i, time] of times.entries()) {
      index.#ptsTicks[i] = time.pts;
      index.#durationTicks[i] = time.duration;
      index.key[i] = time.key ? 1 : 0;
      const pts = seconds(time.pts, timeBase);
      const duration = seconds(time.duration, timeBase);
      index.pts[i] = pts;
      index.duration[i] = duration;
      begin = Math.min(begin, pts);
      end = Math.max(end, pts + duration);
      monotonic &&= i === 0 || pts > at(index.pts, i - 1);
    }
    header[10] = monotonic ? 1 : 0;
    index.#span.set([begin, end]);
    // Read once more, now that it is written.
    return FrameIndex.of(buffer);
  }

  /** In the stream's time base. */
  ticksOf(frame: number): { readonly pts: bigint; readonly duration: bigint } {
    return { pts: this.#ptsTicks[frame] ?? 0n, duration: this.#durationTicks[frame] ?? 0n };
  }

  private constructor(buffer: SharedArrayBuffer) {
    const header = new Int32Array(buffer, 0, 12);
    const frames = header[1] ?? 0;
    const packets = header[2] ?? 0;
    const seekPoints = header[8] ?? 0;
    this.buffer = buffer;
    this.length = frames;
    this.framesOnly = packets === 0;
    this.#span = new Float64Array(buffer, beginBytes, 2);
    let offset = headerBytes;
    const next = <A>(array: ArrayOver<A>, length: number): A => {
      const view = new array(buffer, offset, length);
      offset += array.BYTES_PER_ELEMENT * length;
      return view;
    };
    this.#ptsTicks = next(BigInt64Array, frames);
    this.#durationTicks = next(BigInt64Array, frames);
    this.pts = next(Float64Array, frames);
    this.duration = next(Float64Array, frames);
    this.packetPts = next(BigInt64Array, packets);
    this.packetDts = next(BigInt64Array, packets);
    this.packetPosition = next(BigInt64Array, packets);
    // Seek points, and the packets that frames begin with, are the native layer's.
    offset += 16 * seekPoints + 4 * frames;
    this.lastPacket = next(Int32Array, frames);
    this.start = next(Int32Array, frames);
    this.packetFrame = next(Int32Array, packets);
    this.packetSize = next(Int32Array, packets);
    this.key = next(Uint8Array, frames);
    this.packetKey = next(Uint8Array, packets);
    this.monotonic = header[10] === 1;
  }

  summary(): ContentSummary {
    if (this.length === 0) return { numFrames: 0, beginSeconds: 0, endSeconds: 0 };
    return { numFrames: this.length, beginSeconds: at(this.#span, 0), endSeconds: at(this.#span, 1) };
  }

  /**
   * The frame on screen at a time: frame i is from its pts until the pts of frame i + 1, the last until pts + duration;
   * where times repeat or step back, the first frame whose interval holds the time. -1 when none does.
   */
  playedAt(time: number): number {
    if (!this.monotonic) return this.#search(time);
    const i = this.#firstAtOrAfter(time);
    if (i < this.length && at(this.pts, i) === time) return i;
    if (i < this.length) return i - 1;
    return time < this.#endOf(i - 1) ? i - 1 : -1;
  }

  /** The first frame whose pts is at or after `time`, by number; `length` when none is. */
  firstAtOrAfter(time: number): number {
    if (this.monotonic) return this.#firstAtOrAfter(time);
    const found = this.pts.findIndex((pts) => pts >= time);
    return found < 0 ? this.length : found;
  }

  /** The frame that was on screen last before a time at which none is; before the first moment, the first to come. */
  lastShownBefore(time: number): number {
    let last = -1;
    let first = 0;
    for (let i = 0; i < this.length; i++) {
      const end = this.#endOf(i);
      if (end <= time && (last < 0 || end >= this.#endOf(last))) last = i;
      if (at(this.pts, i) < at(this.pts, first)) first = i;
    }
    return last < 0 ? first : last;
  }

  #firstAtOrAfter(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(this.pts, middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #endOf(i: number): number {
    const next = i + 1 < this.length ? at(this.pts, i + 1) : -Infinity;
    return next > at(this.pts, i) ? next : at(this.pts, i) + at(this.duration, i);
  }

  #search(time: number): number {
    for (let i = 0; i < this.length; i++) {
      if (at(this.pts, i) <= time && time < this.#endOf(i)) return i;
    }
    return -1;
  }
}

/** To make the views over an index once. */
const known = new WeakMap<SharedArrayBuffer, FrameIndex>();

/** An element that is known to exist. */
export function at(array: Float64Array | Int32Array | Uint8Array, i: number): number {
  return array[i] ?? 0;
}

function seconds(time: bigint, base: Ratio): number {
  return (Number(time) * base.num) / base.den;
}
