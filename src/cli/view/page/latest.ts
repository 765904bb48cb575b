/** How long a request may still take once something newer is wanted: what is nearly there is shown on the way. */
const patienceMs = 300;

/** Loads what was wanted last, one at a time: what is wanted in between is never asked for, what takes long is given up. */
export class Latest<Wanted> {
  readonly #load: (wanted: Wanted, signal: AbortSignal) => Promise<void>;
  #running: { readonly stop: AbortController; readonly since: number } | undefined;
  #next: { readonly wanted: Wanted } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `load` says itself what went wrong, and never rejects but when it is aborted. */
  constructor(load: (wanted: Wanted, signal: AbortSignal) => Promise<void>) {
    this.#load = load;
  }

  /** What was wanted is there. */
  get isIdle(): boolean {
    return this.#running === undefined && this.#next === undefined;
  }

  want(wanted: Wanted): void {
    this.#next = { wanted };
    const { stop, since } = this.#running ?? {};
    if (stop === undefined || since === undefined) {
      void this.#run();
      return;
    }
    this.#timer ??= setTimeout(() => stop.abort(), Math.max(0, since + patienceMs - performance.now()));
  }

  async #run(): Promise<void> {
    while (this.#next !== undefined) {
      const { wanted } = this.#next;
      this.#next = undefined;
      const stop = new AbortController();
      this.#running = { stop, since: performance.now() };
      try {
        await this.#load(wanted, stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      } finally {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#running = undefined;
      }
    }
  }
}
