import { FramepoolError } from "../errors.js";
import type { Lease } from "../pool/output-memory.js";

/** A range of leased memory that holds samples, readable until released. */
export class SampleMemory {
  readonly #what: string;
  readonly #offset: number;
  readonly #length: number;
  #lease: Lease | undefined;
  #view: Float32Array<SharedArrayBuffer> | undefined;

  /** `what`: how errors name it. `offset` in bytes, `length` in samples of all channels. */
  constructor(what: string, lease: Lease, offset: number, length: number) {
    this.#what = what;
    this.#lease = lease;
    this.#offset = offset;
    this.#length = length;
  }

  /** Throws E_CLOSED after release(). */
  get data(): Float32Array<SharedArrayBuffer> {
    if (this.#lease === undefined) throw new FramepoolError("E_CLOSED", `the ${this.#what} were released`);
    this.#view ??= new Float32Array(this.#lease.buffer, this.#offset, this.#length);
    return this.#view;
  }

  release(): void {
    this.#lease?.release();
    this.#lease = undefined;
    this.#view = undefined;
  }
}
