import { bufferBytes } from "../protocol/output.js";

/** A piece of output memory, in use until every share of it is given back. */
export class Lease {
  /** What the user's views lie over. */
  readonly buffer: SharedArrayBuffer;
  #shares: number;
  readonly #end: (mayReuse: boolean) => void;

  constructor(buffer: SharedArrayBuffer, end: (mayReuse: boolean) => void) {
    this.buffer = buffer;
    this.#shares = 1;
    this.#end = end;
  }

  /** How many release() calls it takes from now on. */
  share(count: number): void {
    this.#shares = count;
  }

  release(): void {
    this.#shares--;
    if (this.#shares === 0) this.#end(true);
  }

  /** Nobody here needs it any more, but others may still look at it: freed with the last view, never used again. */
  abandon(): void {
    this.#shares = 0;
    this.#end(false);
  }
}

/**
 * Output memory, kept for reuse: touching fresh pages costs several times what converting a frame into them does.
 * What the user holds is never counted, waited for or taken back.
 */
export class OutputMemory {
  readonly #budget: number;
  /** Free buffers, the one freed last at the end. */
  #free: SharedArrayBuffer[] = [];
  #freeBytes = 0;
  #closed = false;
  /**
   * A forgotten batch gives its memory back when its buffer is collected. The user's buffer is therefore another object
   * than ours over the same memory (structured clone shares it): as long as any view of theirs lives, so does theirs.
   */
  readonly #forgotten = new FinalizationRegistry<SharedArrayBuffer>((own) => {
    this.#keep(own);
  });

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** At least `bytes` bytes, whose contents are undefined. */
  lease(bytes: number): Lease {
    return this.adopt(this.#take(bytes) ?? new SharedArrayBuffer(bufferBytes(bytes)));
  }

  /**
   * A free buffer of about `bytes` bytes, if there is one, for a worker to use when it turns out large enough: hand it to
   * adopt() or takeBack() afterwards.
   */
  offer(bytes: number): SharedArrayBuffer | undefined {
    return this.#take(bytes);
  }

  /** Leases out memory that is nobody's: offered before, or made by a worker. */
  adopt(own: SharedArrayBuffer): Lease {
    const theirs = structuredClone(own);
    const token = {};
    this.#forgotten.register(theirs, own, token);
    return new Lease(theirs, (mayReuse) => {
      this.#forgotten.unregister(token);
      if (mayReuse) this.#keep(own);
    });
  }

  /** Takes back memory that was offered and not used. */
  takeBack(own: SharedArrayBuffer | undefined): void {
    if (own !== undefined) this.#keep(own);
  }

  close(): void {
    this.#closed = true;
    this.#free = [];
    this.#freeBytes = 0;
  }

  #take(bytes: number): SharedArrayBuffer | undefined {
    let best = -1;
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const size = this.#free[i]?.byteLength ?? 0;
      const fits = size >= bytes && size <= 2 * bufferBytes(bytes);
      if (fits && (best < 0 || size < (this.#free[best]?.byteLength ?? 0))) best = i;
    }
    if (best < 0) return undefined;
    const [taken] = this.#free.splice(best, 1);
    this.#freeBytes -= taken?.byteLength ?? 0;
    return taken;
  }

  #keep(own: SharedArrayBuffer): void {
    if (this.#closed || own.byteLength > this.#budget) return;
    this.#free.push(own);
    this.#freeBytes += own.byteLength;
    while (this.#freeBytes > this.#budget) this.#freeBytes -= this.#free.shift()?.byteLength ?? 0;
  }
}
