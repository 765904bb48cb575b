import { FramepoolError } from "../errors.js";
import { onAbort, unlessAborted } from "./abort.js";

/** Timers hold no more: what is longer would end after a millisecond. */
const longestTimerMs = 2 ** 31 - 1;

/** A time that a timer can hold: the longest one, almost 25 days, in place of any that is longer. */
export function timerMs(milliseconds: number): number {
  return Math.min(milliseconds, longestTimerMs);
}

/** A signal that aborts with a caller's, or when a time is over. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #late: (milliseconds: number) => Error;
  #end: () => void = () => undefined;

  /** `late` makes the reason when the time is over. */
  constructor(late: (milliseconds: number) => Error) {
    this.#late = late;
    this.signal.addEventListener("abort", () => {
      this.end();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins the time; also again, for what follows under another signal. */
  begin(milliseconds: number, caller: AbortSignal | undefined): void {
    this.end();
    if (caller?.aborted === true) {
      this.#controller.abort(caller.reason);
      return;
    }
    const give = (): void => this.#controller.abort(this.#late(milliseconds));
    let grace: NodeJS.Immediate | undefined;
    // When this thread was busy, the answer may be waiting behind this very timer.
    const timer = setTimeout(() => (grace = setImmediate(give)), timerMs(milliseconds));
    const unlink = caller === undefined ? undefined : onAbort(caller, () => this.#controller.abort(caller.reason));
    this.#end = () => {
      clearTimeout(timer);
      clearImmediate(grace);
      unlink?.();
    };
  }

  /** No time counts any more, nor the caller's signal. */
  end(): void {
    this.#end();
    this.#end = () => undefined;
  }
}

/**
 * Waits for a read until it is done, nobody wants it any more, or its deadline has passed (E_TIMEOUT). The signal that the
 * read is given aborts in both cases; whatever comes of it afterwards is dropped.
 */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal,
  read: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const deadline = new Deadline(noAnswer);
  deadline.begin(milliseconds, outer);
  try {
    // `async` so that what it throws is a rejection too.
    return await unlessAborted((async () => await read(deadline.signal))(), deadline.signal);
  } finally {
    deadline.end();
  }
}

function noAnswer(milliseconds: number): FramepoolError {
  return new FramepoolError("E_TIMEOUT", `no answer within ${String(milliseconds)} ms (readTimeoutMs)`);
}
