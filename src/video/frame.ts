import { placeIn } from "../arguments.js";
import { LeasedValues, type PixelData, Releasable } from "../releasable.js";
import type { Lease } from "../pool/output-memory.js";
import { at } from "../protocol/frame-index.js";
import { type FrameStatus, frameStatuses } from "../protocol/video.js";
import type { DType, OutputSpec } from "../protocol/output.js";
import { type Rows, sliceRows } from "../protocol/rows.js";
import type { Plane } from "../protocol/stream-info.js";

/**
 * One decoded frame. `data` is valid until release(); a frame of a batch as long as the batch. Releasing is optional
 * and makes loops faster: its memory is then used again. What is forgotten instead is freed once V8 collects it.
 */
export class Frame<D extends DType = DType> extends Releasable<D> {
  /** [height, width, channels], [channels, height, width], or [bytes] for native. */
  readonly shape: readonly number[];
  /** The type of a value in `data`. */
  readonly dtype: D;
  /** In pixels, with all transforms done; of native as decoded. */
  readonly width: number;
  /** In pixels, as `width`. */
  readonly height: number;
  /** FFmpeg's name: "rgb24", "rgba", "gray8", or for native the decoder's own, such as "yuv420p". */
  readonly pixelFormat: string;
  /** Native only: where each plane lies in `data`. */
  readonly planes: readonly Plane[] | undefined;
  /** Its number, from 0, in the order in which frames are shown; with status `nearest` that of the frame that is there. */
  readonly index: number;
  /** When it comes on screen, on the file's clock, which need not begin at 0. */
  readonly ptsSeconds: number;
  /** How long it is on screen. */
  readonly durationSeconds: number;
  /** Where a time was asked for: this, on the file's clock. */
  readonly targetSeconds: number | undefined;
  /** How it came about: `ok`, or what stands in its place. */
  readonly status: FrameStatus;

  /** @internal */
  constructor(pixels: LeasedValues<D>, spec: OutputSpec<D>, rows: Rows, row: number) {
    super(pixels);
    this.shape = spec.frameShape;
    this.dtype = spec.dtype;
    this.width = spec.width;
    this.height = spec.height;
    this.pixelFormat = formatName(spec);
    this.planes = spec.planes;
    this.index = at(rows.indices, row);
    this.ptsSeconds = at(rows.ptsSeconds, row);
    this.durationSeconds = at(rows.durationSeconds, row);
    this.targetSeconds = rows.targetSeconds?.[row];
    this.status = statusOf(rows, row);
  }

  /** The pixels. Throws E_CLOSED after release(). */
  get data(): PixelData<D> {
    return this.values.data;
  }
}

/** Frames in one piece of memory, in the caller's order. Valid until release(), which is optional. */
export class FrameBatch<D extends DType = DType> extends Releasable<D> implements Iterable<Frame<D>> {
  /** Rows: frames, those that were skipped included. */
  readonly length: number;
  /** [frames, ...shape of one]. */
  readonly shape: readonly number[];
  /** The type of a value in `data`. */
  readonly dtype: D;
  /** Of each frame, in pixels, with all transforms done; of native as decoded. */
  readonly width: number;
  /** In pixels, as `width`. */
  readonly height: number;
  /** FFmpeg's name: "rgb24", "rgba", "gray8", or for native the decoder's own, such as "yuv420p". */
  readonly pixelFormat: string;
  /** Native only: where each plane lies in a frame. */
  readonly planes: readonly Plane[] | undefined;
  /** The frame that each row holds: with status "nearest" another one than was asked for. */
  readonly indices: Int32Array;
  /** When each comes on screen, on the file's clock, which need not begin at 0. */
  readonly ptsSeconds: Float64Array;
  /** By row: how long each is on screen. */
  readonly durationSeconds: Float64Array;
  /** Where times were asked for, also by `fractions`, `every` and `fps`: the time that each row stands for, on the file's clock. */
  readonly targetSeconds: Float64Array | undefined;
  readonly #rows: Rows;
  readonly #spec: OutputSpec<D>;
  #status: readonly FrameStatus[] | undefined;

  /** @internal */
  constructor(memory: Lease | LeasedValues<D>, spec: OutputSpec<D>, rows: Rows) {
    const bytes = rows.indices.length * spec.frameBytes;
    super(memory instanceof LeasedValues ? memory : new LeasedValues("pixels", memory, spec.dtype, 0, bytes));
    this.length = rows.indices.length;
    this.shape = [this.length, ...spec.frameShape];
    this.dtype = spec.dtype;
    this.width = spec.width;
    this.height = spec.height;
    this.pixelFormat = formatName(spec);
    this.planes = spec.planes;
    this.indices = rows.indices;
    this.ptsSeconds = rows.ptsSeconds;
    this.durationSeconds = rows.durationSeconds;
    this.targetSeconds = rows.targetSeconds;
    this.#rows = rows;
    this.#spec = spec;
  }

  /** What each row is: made when it is first asked for, since a batch may have a million rows. */
  get status(): readonly FrameStatus[] {
    this.#status ??= Array.from(this.#rows.status, (_, row) => statusOf(this.#rows, row));
    return this.#status;
  }

  /** All pixels, row after row. Throws E_CLOSED after release(). */
  get data(): PixelData<D> {
    return this.values.data;
  }

  /** A row as a frame, without a copy; negative rows count from the end. Throws E_OUT_OF_RANGE. */
  frame(row: number): Frame<D> {
    const place = placeIn("row", row, this.length);
    const pixels = this.values.part(place * this.#spec.frameBytes, this.#spec.frameBytes);
    return new Frame(pixels, this.#spec, this.#rows, place);
  }

  /**
   * Rows from `start`, inclusive, to `stop`, exclusive, as a batch over the same memory, valid as long as this one. Negative
   * rows count from the end; like a slice, beyond the ends there is nothing.
   */
  slice(start = 0, stop = this.length): FrameBatch<D> {
    const clamp = (row: number): number => Math.min(Math.max(row < 0 ? row + this.length : row, 0), this.length);
    const first = clamp(start);
    const end = Math.max(first, clamp(stop));
    const { frameBytes } = this.#spec;
    const pixels = this.values.part(first * frameBytes, (end - first) * frameBytes);
    return new FrameBatch(pixels, this.#spec, sliceRows(this.#rows, first, end));
  }

  /** The rows as frames, without those that were skipped. */
  *[Symbol.iterator](): Generator<Frame<D>, void, undefined> {
    for (let row = 0; row < this.length; row++) {
      if (this.status[row] !== "skipped") yield this.frame(row);
    }
  }
}

function statusOf(rows: Rows, row: number): FrameStatus {
  return frameStatuses[at(rows.status, row)] ?? "skipped";
}

function formatName(spec: OutputSpec): string {
  return spec.nativeFormat ?? spec.pixelFormat;
}
