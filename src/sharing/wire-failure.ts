import { FramepoolError, FramepoolTypeError, isInstance, messageOf, propertyOf } from "../errors.js";
import type { HeldError } from "../protocol/channel.js";

/** An error crosses as data: comlink's own way would lose its class and its code. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireFailure };

/** An error on its way to another thread: structured clone would drop its class, its code and what else it says. */
export type WireFailure =
  | { readonly kind: "framepool"; readonly error: WireFramepoolError }
  | { readonly kind: "misuse"; readonly message: string }
  | { readonly kind: "other"; readonly error: WireForeignError }
  /** The sender has the very object, under this number. */
  | { readonly kind: "senders"; readonly number: number; readonly error: WireForeignError }
  /** It stands for what the receiver has under this number. */
  | { readonly kind: "receivers"; readonly number: number; readonly error: WireForeignError };

interface WireFramepoolError extends Pick<FramepoolError, "code" | "reason" | "source" | "frame" | "log"> {
  readonly cause: WireFailure | undefined;
}

/** An error that is not ours, such as one of the file system's. */
interface WireForeignError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own properties that any thread can have: `code`, `errno`, `path`. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** Enough for every reader and what is tried again; more would keep what nobody will ask for. */
const mostHeld = 1024;

/** In the thread of a source: what it threw, which the other thread only gets a description of. */
export class HeldErrors {
  readonly #held = new Map<number, HeldError>();
  #last = 0;

  /** As a failure that the other thread sends back as it came. */
  toWire(error: unknown): WireFailure {
    if (isInstance(error, FramepoolError)) return framepool(error, (cause) => this.toWire(cause));
    const number = ++this.#last;
    this.#held.set(number, { error });
    this.#held.delete(number - mostHeld);
    return { kind: "senders", number, error: foreign(error) };
  }

  find(number: number): HeldError | undefined {
    return this.#held.get(number);
  }
}

/** In the other thread: which errors stand for one that the client has. */
export class StandIns {
  readonly #numbers = new WeakMap<object, number>();

  fromWire(failure: WireFailure): unknown {
    return restored(failure, ({ number, error }) => {
      const standIn = fromForeign(error);
      this.#numbers.set(standIn, number);
      return standIn;
    });
  }

  toWire(error: unknown): WireFailure {
    const number = typeof error === "object" && error !== null ? this.#numbers.get(error) : undefined;
    if (number !== undefined) return { kind: "receivers", number, error: foreign(error) };
    if (isInstance(error, FramepoolTypeError)) return { kind: "misuse", message: error.message };
    if (isInstance(error, FramepoolError)) return framepool(error, (cause) => this.toWire(cause));
    return { kind: "other", error: foreign(error) };
  }
}

/** A failure of the other thread; with what this thread threw itself, by identity. */
export function fromWireFailure(failure: WireFailure, held: HeldErrors): unknown {
  return restored(failure, ({ number, error }) => {
    const own = held.find(number);
    return own === undefined ? fromForeign(error) : own.error;
  });
}

function restored(
  failure: WireFailure,
  named: (failure: Extract<WireFailure, { readonly number: number }>) => unknown,
): unknown {
  switch (failure.kind) {
    case "misuse":
      return new FramepoolTypeError(failure.message);
    case "framepool": {
      const { code, reason, source, frame, log, cause } = failure.error;
      const details = { source, frame, log, cause: cause === undefined ? undefined : restored(cause, named) };
      return new FramepoolError(code, reason, details);
    }
    case "other":
      return fromForeign(failure.error);
    case "senders":
    case "receivers":
      return named(failure);
  }
}

function framepool(error: FramepoolError, toWire: (cause: unknown) => WireFailure): WireFailure {
  const { code, reason, source, frame, log } = error;
  const cause = error.cause === undefined ? undefined : toWire(error.cause);
  return { kind: "framepool", error: { code, reason, source, frame, log, cause } };
}

function foreign(error: unknown): WireForeignError {
  const text = (name: string): string | undefined => {
    const value = propertyOf(error, name);
    return typeof value === "string" ? value : undefined;
  };
  return { name: text("name") ?? "Error", message: messageOf(error), stack: text("stack"), details: detailsOf(error) };
}

function detailsOf(error: unknown): WireForeignError["details"] {
  const details: Record<string, string | number | boolean> = {};
  if (typeof error !== "object" || error === null) return details;
  for (const key of keysOf(error)) {
    const value = propertyOf(error, key);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") details[key] = value;
  }
  return details;
}

function keysOf(object: object): readonly string[] {
  try {
    return Object.keys(object);
  } catch {
    return [];
  }
}

function fromForeign({ name, message, stack, details }: WireForeignError): Error {
  const error = Object.assign(new Error(message), details);
  Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  if (stack !== undefined) error.stack = stack;
  return error;
}
