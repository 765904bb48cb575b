import { unlessAborted } from "./abort.js";

/** Work that several wait for, begun once. It is given up when the last who waits gives up. */
export class SharedTask<T> {
  readonly done: Promise<T>;
  readonly #controller = new AbortController();
  readonly #onLost: () => void;
  #settled = false;
  #lost = false;
  #waiters = 0;

  /** `onLost` is called once, as soon as the work fails or is given up: whoever comes later begins anew. */
  constructor(work: (signal: AbortSignal) => Promise<T>, onLost: () => void) {
    this.#onLost = onLost;
    this.done = work(this.#controller.signal).finally(() => {
      this.#settled = true;
    });
    // Who waits is told. What nobody waits for may fail in silence: whoever needs it begins it anew.
    this.done.catch(() => this.#lose());
  }

  /** Until it is done, or until `enough` of it is. Rejects as the work does, or with the signal's reason. */
  async wait(signal: AbortSignal, enough: Promise<T> = this.done): Promise<T> {
    this.#waiters++;
    try {
      return await unlessAborted(Promise.race([enough, this.done]), signal);
    } finally {
      this.#waiters--;
      if (this.#waiters === 0 && signal.aborted) this.giveUp(signal.reason);
    }
  }

  giveUp(reason: unknown): void {
    if (this.#settled) return;
    this.#controller.abort(reason);
    this.#lose();
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#onLost();
  }
}
