import { type FrameIndex, at } from "../protocol/frame-index.js";
import { jobRanges } from "./plan/job-ranges.js";
import type { RemoteLink } from "../feed/source-link.js";

/** Bytes that are asked for at once, where frames come one after the other, and how many such pieces ahead. */
const pieceBytes = 2 * 2 ** 20;
const piecesAhead = 2;

/** Has the bytes of a long sequence of frames fetched before its jobs ask for them, in larger pieces than they would. */
export class ReadAhead {
  readonly #link: RemoteLink | undefined;
  readonly #index: FrameIndex;
  readonly #wanted: Int32Array;
  readonly #signal: AbortSignal;
  /** Where the pieces end that were asked for and not yet passed, as positions in `wanted`. */
  #ends: number[] = [];
  #end = 0;
  #packet = 0;

  /** `wanted` ascends. */
  constructor(link: RemoteLink | undefined, index: FrameIndex, wanted: Int32Array, signal: AbortSignal) {
    this.#link = link;
    this.#index = index;
    this.#wanted = wanted;
    this.#signal = signal;
  }

  /** Jobs have begun up to a position in `wanted`. */
  passed(position: number): void {
    this.#ends = this.#ends.filter((end) => end > position);
    while (this.#ends.length < piecesAhead && this.#end < this.#wanted.length) this.#next();
  }

  #next(): void {
    const { lastPacket, start, packetSize } = this.#index;
    const from = this.#packet;
    const begin = this.#end;
    for (let bytes = 0; bytes < pieceBytes && this.#end < this.#wanted.length; this.#end++) {
      const frame = at(this.#wanted, this.#end);
      for (let packet = Math.max(this.#packet, at(start, frame)); packet <= at(lastPacket, frame); packet++) {
        bytes += at(packetSize, packet);
      }
      this.#packet = Math.max(this.#packet, at(lastPacket, frame) + 1);
    }
    this.#ends.push(this.#end);
    const ranges = jobRanges(this.#index, this.#wanted.subarray(begin, this.#end), from, 4 * pieceBytes);
    // The job that needs them asks again, and is told what went wrong.
    if (ranges.length === 0) return;
    this.#link?.expect?.(ranges);
    this.#link?.fetch?.(ranges, this.#signal).catch(() => undefined);
  }
}
