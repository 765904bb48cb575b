import type { PacketColumns } from "./answers.js";

/**
 * How a frame is there: decoding can begin with it; it is shown after all that were decoded before it, as I and P pictures are; or
 * before one of those, as B pictures are. That is all that packets tell.
 */
export type Kind = "key" | "forward" | "reordered";
const kinds: readonly Kind[] = ["forward", "reordered", "key"];

/** One frame, or those that share a column of the drawing. */
interface Column {
  /** Frames from `from`, inclusive, to `to`, exclusive. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the largest of each kind; 0 without one. */
  readonly largest: Readonly<Record<Kind, number>>;
  /** Of the largest with the packets in front of it that show no picture of their own. */
  readonly withHidden: number;
}

/** The frames of a stream in the order in which they are shown, with what their packets take. */
export class TimeLine {
  readonly length: number;
  /** Numbers of the key frames, ascending. */
  readonly keyFrames: readonly number[];
  readonly #packets: PacketColumns;
  readonly #kind: Uint8Array;
  readonly #bytes: Float64Array;
  readonly #hidden: Float64Array;
  /** Seconds; NaN where the container does not say. */
  readonly #pts: Float64Array;
  /** Packets by frame: those of frame i are `#order` from `#first[i]` to `#first[i + 1]`. */
  readonly #first: Int32Array;
  readonly #order: Int32Array;

  constructor(packets: PacketColumns, frames: number) {
    this.length = frames;
    this.#packets = packets;
    this.#kind = new Uint8Array(frames);
    this.#bytes = new Float64Array(frames);
    this.#hidden = new Float64Array(frames);
    this.#pts = new Float64Array(frames).fill(Number.NaN);
    this.#first = new Int32Array(frames + 1);
    this.#read();
    this.#order = this.#byFrame();
    this.keyFrames = [...this.#kind.keys()].filter((frame) => this.kindOf(frame) === "key");
  }

  kindOf(frame: number): Kind {
    return kinds[this.#kind[frame] ?? 0] ?? "forward";
  }

  bytesOf(frame: number): number {
    return this.#bytes[frame] ?? 0;
  }

  /** Seconds; undefined where the container does not say. */
  ptsOf(frame: number): number | undefined {
    const pts = this.#pts[frame];
    return pts === undefined || Number.isNaN(pts) ? undefined : pts;
  }

  /** Numbers of the packets that it is decoded from, in decoding order: two for the fields of some, none where it is in another's. */
  packetsOf(frame: number): readonly number[] {
    return [...this.#order.subarray(this.#first[frame] ?? 0, this.#first[frame + 1] ?? 0)];
  }

  packet(number: number): { readonly size: number; readonly dts: number | null } {
    return { size: this.#packets.size[number] ?? 0, dts: this.#packets.dts[number] ?? null };
  }

  /** The last key frame at or before a frame; undefined without. */
  keyFrameBefore(frame: number): number | undefined {
    return this.keyFrames.findLast((key) => key <= frame);
  }

  keyFrameAfter(frame: number): number | undefined {
    return this.keyFrames.find((key) => key > frame);
  }

  /** Frames from `from` to `to` in at most `most` columns, each of as many frames as the next. */
  columns(from: number, to: number, most: number): Column[] {
    const step = Math.max(1, Math.ceil((to - from) / Math.max(1, most)));
    const columns: Column[] = [];
    for (let start = from; start < to; start += step) columns.push(this.#column(start, Math.min(start + step, to)));
    return columns;
  }

  #column(from: number, to: number): Column {
    const largest: Record<Kind, number> = { key: 0, forward: 0, reordered: 0 };
    let withHidden = 0;
    for (let frame = from; frame < to; frame++) {
      const kind = this.kindOf(frame);
      const bytes = this.bytesOf(frame);
      largest[kind] = Math.max(largest[kind], bytes);
      withHidden = Math.max(withHidden, bytes + (this.#hidden[frame] ?? 0));
    }
    return { from, to, largest, withHidden };
  }

  #read(): void {
    const { size, key, frame: frames, pts } = this.#packets;
    let latest = -1;
    let hidden = 0;
    frames.forEach((frame, packet) => {
      const bytes = size[packet] ?? 0;
      if (frame < 0 || frame >= this.length) {
        hidden += bytes;
        return;
      }
      // The first of its packets says what it is.
      if (this.#bytes[frame] === 0) {
        this.#kind[frame] = key[packet] === 1 ? 2 : frame < latest ? 1 : 0;
        this.#pts[frame] = pts[packet] ?? Number.NaN;
      }
      this.#bytes[frame] = this.bytesOf(frame) + bytes;
      this.#hidden[frame] = (this.#hidden[frame] ?? 0) + hidden;
      this.#first[frame + 1] = (this.#first[frame + 1] ?? 0) + 1;
      hidden = 0;
      latest = Math.max(latest, frame);
    });
  }

  #byFrame(): Int32Array {
    for (let frame = 0; frame < this.length; frame++)
      this.#first[frame + 1] = (this.#first[frame + 1] ?? 0) + (this.#first[frame] ?? 0);
    const next = this.#first.slice();
    const order = new Int32Array(next[this.length] ?? 0);
    this.#packets.frame.forEach((frame, packet) => {
      if (frame < 0 || frame >= this.length) return;
      const place = next[frame] ?? 0;
      order[place] = packet;
      next[frame] = place + 1;
    });
    return order;
  }
}
