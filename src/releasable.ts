import { FramepoolError } from "./errors.js";
import type { DType } from "./protocol/output.js";
import type { Lease } from "./pool/output-memory.js";

interface PixelArrays<B extends ArrayBufferLike> {
  readonly uint8: Uint8Array<B>;
  readonly float32: Float32Array<B>;
  /** The bits. */
  readonly float16: Uint16Array<B>;
}

/** The pixels of a frame or a batch, by their dtype: over shared memory, a copy in memory of its own. Of `float16` the bits. */
export type PixelData<D extends DType = DType, B extends ArrayBufferLike = SharedArrayBuffer> = PixelArrays<B>[D];

/** @internal A range of leased memory, as values of one type, that is readable until released. */
export class LeasedValues<D extends DType = DType> {
  readonly #what: string;
  readonly #dtype: D;
  readonly #offset: number;
  readonly #bytes: number;
  readonly #parent: LeasedValues<D> | undefined;
  #lease: Lease | undefined;
  #view: PixelData<D> | undefined;

  /**
   * `what`: how errors name them. With a parent the memory is the parent's: readable only while that is, and not given back by this part.
   */
  constructor(what: string, lease: Lease, dtype: D, offset: number, bytes: number, parent?: LeasedValues<D>) {
    this.#what = what;
    this.#lease = lease;
    this.#dtype = dtype;
    this.#offset = offset;
    this.#bytes = bytes;
    this.#parent = parent;
  }

  /** Throws E_CLOSED after release(). */
  get data(): PixelData<D> {
    const { buffer } = this.#valid();
    this.#view ??= views[this.#dtype](buffer, this.#offset, this.#bytes);
    return this.#view;
  }

  copy(): PixelData<D, ArrayBuffer> {
    const { buffer } = this.#valid();
    const bytes = new Uint8Array(new Uint8Array(buffer, this.#offset, this.#bytes));
    return views[this.#dtype](bytes.buffer, 0, this.#bytes);
  }

  /** `offset` from the start of this range. */
  part(offset: number, bytes: number): LeasedValues<D> {
    return new LeasedValues(this.#what, this.#valid(), this.#dtype, this.#offset + offset, bytes, this);
  }

  release(): void {
    const lease = this.#lease;
    this.#lease = undefined;
    this.#view = undefined;
    if (this.#parent === undefined) lease?.release();
  }

  #valid(): Lease {
    if (this.#lease === undefined) throw new FramepoolError("E_CLOSED", `the ${this.#what} were released`);
    if (this.#parent !== undefined) this.#parent.#valid();
    return this.#lease;
  }
}

const views: {
  readonly [D in DType]: <B extends ArrayBufferLike>(buffer: B, offset: number, bytes: number) => PixelData<D, B>;
} = {
  uint8: (buffer, offset, bytes) => new Uint8Array(buffer, offset, bytes),
  float32: (buffer, offset, bytes) => new Float32Array(buffer, offset, bytes / 4),
  float16: (buffer, offset, bytes) => new Uint16Array(buffer, offset, bytes / 2),
};

/** What is given out in memory that is to be given back. */
export abstract class Releasable<D extends DType = DType> {
  readonly #values: LeasedValues<D>;

  /** @internal */
  constructor(values: LeasedValues<D>) {
    this.#values = values;
  }

  /** @internal */
  get values(): LeasedValues<D> {
    return this.#values;
  }

  /** A copy of the data that is not shared, for what refuses shared memory (crypto, Response, Blob), and that outlives release(). */
  copy(): PixelData<D, ArrayBuffer> {
    return this.#values.copy();
  }

  /** Gives the memory back for reuse; `data` throws from then on. Does nothing the second time. */
  release(): void {
    this.#values.release();
  }

  /** `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}
