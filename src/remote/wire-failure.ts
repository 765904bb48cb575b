import { FramepoolError, FramepoolTypeError } from "../errors.js";

/** An error on its way to another thread: structured clone would drop its class, its code and what else it says. */
export type WireFailure =
  | { readonly kind: "framepool"; readonly error: WireFramepoolError }
  | { readonly kind: "misuse"; readonly message: string }
  | { readonly kind: "other"; readonly error: WireForeignError };

interface WireFramepoolError {
  readonly code: FramepoolError["code"];
  readonly reason: string;
  readonly source: string | undefined;
  readonly frame: FramepoolError["frame"];
  readonly log: readonly string[];
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

export function toWireFailure(error: unknown): WireFailure {
  if (error instanceof FramepoolTypeError) return { kind: "misuse", message: error.message };
  if (!(error instanceof FramepoolError)) return { kind: "other", error: foreign(error) };
  const { code, reason, source, frame, log } = error;
  const cause = error.cause === undefined ? undefined : toWireFailure(error.cause);
  return { kind: "framepool", error: { code, reason, source, frame, log, cause } };
}

export function fromWireFailure(failure: WireFailure): Error {
  switch (failure.kind) {
    case "misuse":
      return new FramepoolTypeError(failure.message);
    case "framepool": {
      const { code, reason, source, frame, log, cause } = failure.error;
      const details = { source, frame, log, cause: cause === undefined ? undefined : fromWireFailure(cause) };
      return new FramepoolError(code, reason, details);
    }
    case "other": {
      const { name, message, stack, details } = failure.error;
      const error = Object.assign(new Error(message), details);
      Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
      if (stack !== undefined) error.stack = stack;
      return error;
    }
  }
}

function foreign(error: unknown): WireForeignError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, details: {} };
  const details: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(error) as [string, unknown][]) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") details[key] = value;
  }
  return { name: error.name, message: error.message, stack: error.stack, details };
}
