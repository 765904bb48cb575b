import { FramepoolError } from "../errors.js";

/** Timers hold no more: what is longer would end after a millisecond. */
const longestTimerMs = 2 ** 31 - 1;

/** A time that a timer can hold: the longest one, almost 25 days, in place of any that is longer. */
export function timerMs(milliseconds: number): number {
  return Math.min(milliseconds, longestTimerMs);
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
  const controller = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const give = (reason: Error): void => {
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => give(outer.reason as Error);
    const late = setTimeout(() => {
      // When this thread was busy, the answer may be waiting behind this very timer.
      setImmediate(() => give(timeout(milliseconds)));
    }, timerMs(milliseconds));
    const done = (): void => {
      clearTimeout(late);
      outer.removeEventListener("abort", onAbort);
    };
    outer.addEventListener("abort", onAbort, { once: true });
    // `async` so that what it throws is a rejection too.
    const reading = (async () => await read(controller.signal))();
    reading.then(resolve, reject);
    reading.then(done, done);
    controller.signal.addEventListener("abort", done, { once: true });
  });
}

function timeout(milliseconds: number): FramepoolError {
  return new FramepoolError("E_TIMEOUT", `no answer within ${String(milliseconds)} ms (readTimeoutMs)`);
}
