import { countSharedMemory, outputBuffer, roomIn, sizeFor } from "../protocol/output-buffer.js";

/** Buffers that V8 may free, as far as they are remembered. */
const mostPassing = 64;

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

  /** Nobody here needs it any more, but others may still look at it: freed by V8 with the last view, never used again. */
  abandon(): void {
    this.#shares = 0;
    this.#end(false);
  }
}

/**
 * Output memory, kept for reuse: touching fresh pages costs several times what converting a frame into them does. Only what
 * was released is used again. What the user holds is never counted, waited for or taken back; what was forgotten may still be
 * seen by somebody, another thread perhaps, and V8 frees it with the last view.
 */
export class OutputMemory {
  /** Bytes of free buffers that are kept. */
  readonly budget: number;
  /** Free buffers, the one freed last at the end. */
  #free: SharedArrayBuffer[] = [];
  #freeBytes = 0;
  /**
   * Free buffers beyond the budget, the one freed last at the end: V8 frees them when it next looks. Until then they take memory
   * anyway, and fresh ones beside them would be more: a small budget must not cost more than a large one.
   */
  #passing: WeakRef<SharedArrayBuffer>[] = [];
  #closed = false;
  #heldBytes = 0;
  /** What nobody gave back is nobody's once nobody can see it. */
  readonly #forgotten = new FinalizationRegistry<number>((bytes) => {
    this.#heldBytes -= bytes;
  });

  constructor(budget: number) {
    this.budget = budget;
  }

  /** Bytes that are free and kept. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Bytes that are leased out. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** At least `bytes` bytes, whose contents are undefined. */
  lease(bytes: number): Lease {
    return this.adopt(this.offer(bytes) ?? outputBuffer(bytes));
  }

  /**
   * A free buffer of about `bytes` bytes, if there is one, for a worker to use when it turns out large enough: hand it to
   * adopt() or takeBack() afterwards.
   */
  offer(bytes: number): SharedArrayBuffer | undefined {
    return this.#takeKept(bytes) ?? this.#takePassing(bytes);
  }

  /** Leases out memory that is nobody's: offered before, or made by a worker. */
  adopt(memory: SharedArrayBuffer): Lease {
    countSharedMemory(memory);
    const bytes = memory.byteLength;
    this.#heldBytes += bytes;
    const lease = new Lease(memory, (mayReuse) => {
      this.#forgotten.unregister(lease);
      this.#heldBytes -= bytes;
      if (mayReuse) this.#keep(memory);
    });
    this.#forgotten.register(memory, bytes, lease);
    return lease;
  }

  /** Takes back memory that was offered and not used. */
  takeBack(memory: SharedArrayBuffer | undefined): void {
    if (memory !== undefined) this.#keep(memory);
  }

  close(): void {
    this.#closed = true;
    this.#free = [];
    this.#passing = [];
    this.#freeBytes = 0;
  }

  #takeKept(bytes: number): SharedArrayBuffer | undefined {
    const best = bestFit(this.#free, bytes);
    if (best < 0) return undefined;
    const [taken] = this.#free.splice(best, 1);
    this.#freeBytes -= taken?.byteLength ?? 0;
    return taken;
  }

  #takePassing(bytes: number): SharedArrayBuffer | undefined {
    if (this.#passing.length === 0) return undefined;
    const passing = this.#passing.map((memory) => memory.deref());
    const taken = passing[bestFit(passing, bytes)];
    this.#passing = this.#passing.filter((_, i) => passing[i] !== undefined && passing[i] !== taken);
    return taken;
  }

  #keep(memory: SharedArrayBuffer): void {
    if (this.#closed) return;
    countSharedMemory(memory);
    if (memory.byteLength > this.budget) {
      this.#let(memory);
      return;
    }
    this.#free.push(memory);
    this.#freeBytes += memory.byteLength;
    while (this.#freeBytes > this.budget) {
      const oldest = this.#free.shift();
      if (oldest === undefined) break;
      this.#freeBytes -= oldest.byteLength;
      this.#let(oldest);
    }
  }

  #let(memory: SharedArrayBuffer): void {
    this.#passing.push(new WeakRef(memory));
    if (this.#passing.length > mostPassing) this.#passing.shift();
  }
}

/** Place of the smallest buffer that has room and is not much too large, among equals of the last; -1: none. */
function bestFit(buffers: readonly (SharedArrayBuffer | undefined)[], bytes: number): number {
  const most = 2 * sizeFor(bytes);
  let best = -1;
  for (let i = buffers.length - 1; i >= 0; i--) {
    const buffer = buffers[i];
    if (buffer === undefined || roomIn(buffer) < bytes || buffer.byteLength > most) continue;
    if (best < 0 || buffer.byteLength < (buffers[best]?.byteLength ?? 0)) best = i;
  }
  return best;
}
