import { setMaxListeners } from "node:events";

/** As many calls as one likes may wait for one signal: Node would warn of a leak from the eleventh on. */
export function allowManyListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

/** By signal, whom its one listener tells. */
const watched = new WeakMap<AbortSignal, { readonly callbacks: Set<() => void>; readonly listener: () => void }>();

/**
 * Calls back when the signal aborts, unless the function that it returns was called before. One listener does for all: a signal
 * looks at each one that it has whenever another comes, which tens of thousands of calls under one signal would wait for.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = watched.get(signal)?.callbacks ?? watch(signal);
  // Another function for each, so that one may be given twice.
  const own = (): void => callback();
  callbacks.add(own);
  return () => {
    callbacks.delete(own);
    const entry = watched.get(signal);
    if (callbacks.size > 0 || entry?.callbacks !== callbacks) return;
    watched.delete(signal);
    signal.removeEventListener("abort", entry.listener);
  };
}

function watch(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    watched.delete(signal);
    for (const callback of callbacks) callback();
  };
  watched.set(signal, { callbacks, listener });
  signal.addEventListener("abort", listener, { once: true });
  return callbacks;
}

/**
 * The work's outcome, or as soon as the signal aborts a rejection with its reason, after `leave`: one of the two, never both. The
 * work is left to itself then, and may fail in silence.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, leave?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      leave?.();
      reject(signal.reason as Error);
    };
    let unlink: (() => void) | undefined;
    if (signal.aborted) give();
    else unlink = onAbort(signal, give);
    const fail = (error: Error): void => {
      unlink?.();
      reject(error);
    };
    work.then(
      (value) => {
        unlink?.();
        resolve(value);
      },
      (error: unknown) => {
        fail(error as Error);
      },
    );
  });
}

/** A controller that aborts with whichever of its signals does first. AbortSignal.any leaks on long-lived signals. */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #unlinks: (() => void)[] = [];

  constructor(...signals: readonly (AbortSignal | undefined)[]) {
    allowManyListeners(this.#controller.signal);
    for (const signal of signals) {
      if (signal === undefined) continue;
      if (signal.aborted) {
        this.abort(signal.reason);
        return;
      }
      this.#unlinks.push(onAbort(signal, () => this.abort(signal.reason)));
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
    for (const unlink of this.#unlinks.splice(0)) unlink();
  }
}

/** Does some work under a signal that aborts with whichever of these does first. */
export async function linkedTo<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const linked = new LinkedAbort(...signals);
  try {
    return await work(linked.signal);
  } finally {
    linked.unlink();
  }
}
