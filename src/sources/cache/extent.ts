import { SharedTask } from "../../async/shared-task.js";

/** Fills `bytes` from the first on, and says after each part how many are there. Resolves when all are. */
type Fill = (
  bytes: Uint8Array<SharedArrayBuffer>,
  signal: AbortSignal,
  progress: (filled: number) => void,
) => Promise<void>;

/** Bytes of a source that lie next to each other, in memory of their own; on their way until `filled` is all of them. */
export class Extent {
  readonly start: number;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #filling: SharedTask<void>;
  #filled = 0;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** `onLost`: called once when the bytes will not come. */
  constructor(start: number, length: number, fill: Fill, onLost: () => void) {
    this.start = start;
    this.bytes = new Uint8Array(new SharedArrayBuffer(length));
    this.#filling = new SharedTask(async (signal) => fill(this.bytes, signal, (filled) => this.#grow(filled)), onLost);
  }

  /** Of the first byte after it. */
  get end(): number {
    return this.start + this.bytes.length;
  }

  /** How many bytes are there, from the start on. */
  get filled(): number {
    return this.#filled;
  }

  get isComplete(): boolean {
    return this.#filled === this.bytes.length;
  }

  /** Until the first `count` bytes are there. Rejects as filling does, or with the signal's reason. */
  async until(count: number, signal: AbortSignal): Promise<void> {
    if (count <= this.#filled) return;
    await this.#filling.wait(signal, new Promise<void>((resolve) => this.#waiting.push({ count, resolve })));
  }

  giveUp(reason: unknown): void {
    this.#filling.giveUp(reason);
  }

  #grow(filled: number): void {
    this.#filled = filled;
    const reached = this.#waiting.filter(({ count }) => count <= filled);
    if (reached.length === 0) return;
    this.#waiting = this.#waiting.filter(({ count }) => count > filled);
    for (const { resolve } of reached) resolve();
  }
}
