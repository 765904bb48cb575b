/** Ticks while it is wanted; keeps no process alive. */
export class Watch {
  readonly #tick: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: () => void, everyMs: number) {
    this.#tick = tick;
    this.#everyMs = everyMs;
  }

  want(isWanted: boolean): void {
    if (isWanted) {
      this.#timer ??= setInterval(this.#tick, this.#everyMs).unref();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
