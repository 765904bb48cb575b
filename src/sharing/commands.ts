import { transfer } from "comlink";
import { FramepoolError } from "../errors.js";
import type { Answer, WireFailure } from "./wire-failure.js";

/** What came of a command, and how to undo it: `abandoned` when the client may still look at the memory. */
export interface Outcome<T> {
  readonly value: T;
  readonly end?: End | undefined;
  /** Memory that is moved to the other side. */
  readonly moved?: readonly ArrayBuffer[];
}

export type End = (abandoned: boolean) => void | Promise<void>;

/** What the other side began and has not dropped, by its numbers. */
export class Commands {
  readonly #ends = new Map<number, End>();
  readonly #toWire: (error: unknown) => WireFailure;

  constructor(toWire: (error: unknown) => WireFailure) {
    this.#toWire = toWire;
  }

  /** Something is under way that no answer waits for. */
  hold(number: number, end: End): void {
    this.#ends.set(number, end);
  }

  /** Does a command. Never rejects. What comes of one that was dropped meanwhile is undone. */
  async answer<T>(number: number, work: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<Answer<T>> {
    const stop = new AbortController();
    this.#ends.set(number, () => {
      stop.abort(new DOMException("nobody waits for it any more", "AbortError"));
    });
    try {
      const { value, end, moved = [] } = await work(stop.signal);
      this.#ends.delete(number);
      if (stop.signal.aborted) {
        // The other side never got to see it.
        await end?.(false);
        stop.signal.throwIfAborted();
      }
      if (end !== undefined) this.#ends.set(number, end);
      return transfer({ ok: true, value }, [...moved]);
    } catch (error) {
      this.#ends.delete(number);
      return { ok: false, error: this.#toWire(error) };
    }
  }

  async end(number: number, abandoned: boolean): Promise<void> {
    const end = this.#ends.get(number);
    this.#ends.delete(number);
    await end?.(abandoned);
  }

  /** Ends everything; memory is abandoned. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#ends.keys()].map((number) => this.end(number, true)));
  }
}

/** What the other side names by a number; E_CLOSED with the reason where it is held no more. */
export function held<T>(things: ReadonlyMap<number, T>, number: number, reason: string): T {
  const thing = things.get(number);
  if (thing === undefined) throw new FramepoolError("E_CLOSED", reason);
  return thing;
}
