import type { Ratio } from "./stream-info.js";

/** What an exact index says of the whole stream. Seconds. */
export interface ContentSummary {
  readonly numFrames: number;
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/** The same layout as `IndexView` in native/av/frame_index.h: a header of 16 int32, then the arrays, widest first. */
const headerBytes = 64;

/** A time that the container does not say. */
export const noTime = -(2n ** 63n);

/** One frame, in its stream's time base. */
export interface FrameTime {
  readonly pts: bigint;
  readonly duration: bigint;
  readonly key: boolean;
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

  /** Over memory that may have been looked at before: its times are turned into seconds once. */
  static of(buffer: SharedArrayBuffer, timeBase: Ratio): FrameIndex {
    const found = known.get(buffer);
    if (found !== undefined) return found;
    const index = new FrameIndex(buffer, timeBase);
    known.set(buffer, index);
    return index;
  }

  /** Of frames whose packets are not known. Times in the stream's time base, in the order of the frames. */
  static ofFrames(times: readonly FrameTime[], timeBase: Ratio): FrameIndex {
    const frames = times.length;
    const buffer = new SharedArrayBuffer(headerBytes + 29 * frames);
    new Int32Array(buffer, 0, 16)[1] = frames;
    const pts = new BigInt64Array(buffer, headerBytes, frames);
    const duration = new BigInt64Array(buffer, headerBytes + 8 * frames, frames);
    const key = new Uint8Array(buffer, headerBytes + 28 * frames, frames);
    times.forEach((time, i) => {
      pts[i] = time.pts;
      duration[i] = time.duration;
      key[i] = time.key ? 1 : 0;
    });
    return FrameIndex.of(buffer, timeBase);
  }

  /** In the stream's time base. */
  ticksOf(frame: number): { readonly pts: bigint; readonly duration: bigint } {
    return { pts: this.#ptsTicks[frame] ?? 0n, duration: this.#durationTicks[frame] ?? 0n };
  }

  private constructor(buffer: SharedArrayBuffer, timeBase: Ratio) {
    const header = new Int32Array(buffer, 0, 16);
    const frames = header[1] ?? 0;
    const packets = header[2] ?? 0;
    const seekPoints = header[8] ?? 0;
    this.buffer = buffer;
    this.length = frames;
    this.framesOnly = packets === 0;
    this.#ptsTicks = new BigInt64Array(buffer, headerBytes, frames);
    this.#durationTicks = new BigInt64Array(buffer, headerBytes + 8 * frames, frames);
    this.pts = seconds(this.#ptsTicks, timeBase);
    this.duration = seconds(this.#durationTicks, timeBase);
    this.packetPts = new BigInt64Array(buffer, headerBytes + 16 * frames, packets);
    this.packetDts = new BigInt64Array(buffer, headerBytes + 16 * frames + 8 * packets, packets);
    this.packetPosition = new BigInt64Array(buffer, headerBytes + 16 * frames + 16 * packets, packets);
    let offset = headerBytes + 16 * frames + 24 * packets + 16 * seekPoints + 4 * frames;
    this.lastPacket = new Int32Array(buffer, offset, frames);
    offset += 4 * frames;
    this.start = new Int32Array(buffer, offset, frames);
    offset += 4 * frames;
    this.packetFrame = new Int32Array(buffer, offset, packets);
    offset += 4 * packets;
    this.packetSize = new Int32Array(buffer, offset, packets);
    offset += 4 * packets;
    this.key = new Uint8Array(buffer, offset, frames);
    this.packetKey = new Uint8Array(buffer, offset + frames, packets);
    this.monotonic = this.pts.every((time, i) => i === 0 || time > at(this.pts, i - 1));
  }

  summary(): ContentSummary {
    let begin = Infinity;
    let end = -Infinity;
    for (let i = 0; i < this.length; i++) {
      const time = at(this.pts, i);
      begin = Math.min(begin, time);
      end = Math.max(end, time + at(this.duration, i));
    }
    return this.length === 0
      ? { numFrames: 0, beginSeconds: 0, endSeconds: 0 }
      : { numFrames: this.length, beginSeconds: begin, endSeconds: end };
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

/** An index's memory is one stream's, and so is its time base. */
const known = new WeakMap<SharedArrayBuffer, FrameIndex>();

/** An element that is known to exist. */
export function at(array: Float64Array | Int32Array | Uint8Array, i: number): number {
  return array[i] ?? 0;
}

function seconds(times: BigInt64Array, base: Ratio): Float64Array {
  const result = new Float64Array(times.length);
  for (let i = 0; i < times.length; i++) result[i] = (Number(times[i]) * base.num) / base.den;
  return result;
}
