import { setMaxListeners } from "node:events";

/** As many calls as one likes may wait for one signal: Node would warn of a leak from the eleventh on. */
export function allowManyListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

/** A controller that aborts with whichever of its signals does first. AbortSignal.any leaks on long-lived signals. */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #links: { readonly signal: AbortSignal; readonly listener: () => void }[] = [];

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    allowManyListeners(this.#controller.signal);
    for (const signal of signals) {
      if (signal === undefined) continue;
      if (signal.aborted) {
        this.abort(signal.reason);
        return;
      }
      allowManyListeners(signal);
      const listener = (): void => {
        this.abort(signal.reason);
      };
      signal.addEventListener("abort", listener, { once: true });
      this.#links.push({ signal, listener });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.unlink();
  }

  /** Call when done, so that the signals forget this. */
  unlink(): void {
    for (const { signal, listener } of this.#links) signal.removeEventListener("abort", listener);
    this.#links.length = 0;
  }
}
