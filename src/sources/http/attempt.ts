import { timerMs } from "../../async/deadline.js";
import { TransientError } from "./http-answer.js";

/** One try, with a deadline of its own beside the caller's signal. */
export class Attempt {
  readonly #controller = new AbortController();
  #end: () => void = () => undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins the time; also again, for what follows under another signal. */
  begin(ms: number, caller: AbortSignal): void {
    this.#end();
    const leave = () => this.#controller.abort(caller.reason);
    if (caller.aborted) leave();
    caller.addEventListener("abort", leave, { once: true });
    const late = () =>
      this.#controller.abort(new TransientError("E_TIMEOUT", `no answer within ${String(Math.round(ms))} ms`));
    const timer = setTimeout(late, timerMs(ms));
    this.#end = () => {
      clearTimeout(timer);
      caller.removeEventListener("abort", leave);
    };
  }

  /** No time counts any more. */
  end(): void {
    this.#end();
  }
}
