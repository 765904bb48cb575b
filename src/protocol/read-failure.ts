import { type ErrorCode, FramepoolError, isInstance, messageOf, propertyOf } from "../errors.js";
import type { HeldError, ReadFailure } from "./channel.js";

/** What a source threw or rejected with, which may be anything, as an error of the library. Its own error is the cause. */
export function sourceError(error: unknown, label?: string): FramepoolError {
  const details = { source: label };
  if (isInstance(error, FramepoolError)) {
    return new FramepoolError(error.code, error.reason, { ...details, cause: error.cause });
  }
  return new FramepoolError("E_IO", `the source failed: ${messageOf(error)}`, { ...details, cause: error });
}

/** Characters of one text in a failure. */
const mostText = 16_384;

/** The same as text, which fits into a channel's data. */
export function encodeFailure(error: unknown, token: number): Uint8Array {
  const { code, reason, cause } = sourceError(error);
  const failure: ReadFailure = {
    code,
    reason: reason.slice(0, mostText),
    token,
    ...(cause === undefined ? {} : { cause: describe(cause) }),
  };
  return new TextEncoder().encode(JSON.stringify(failure));
}

function describe(error: unknown): NonNullable<ReadFailure["cause"]> {
  const text = (name: string): string | undefined => {
    const value = propertyOf(error, name);
    return typeof value === "string" ? value.slice(0, mostText) : undefined;
  };
  const known = { stack: text("stack"), code: text("code") };
  return {
    name: text("name") ?? "Error",
    message: messageOf(error).slice(0, mostText),
    ...(known.stack === undefined ? {} : { stack: known.stack }),
    ...(known.code === undefined ? {} : { code: known.code }),
  };
}

/** On the main thread: `held` is the source's own error, or undefined where only its description came. */
export function restoreFailure(
  { code, reason, cause }: ReadFailure,
  held: HeldError | undefined,
  label: string | undefined,
): FramepoolError {
  if (held !== undefined) return sourceError(held.error, label);
  const own = cause === undefined ? undefined : Object.assign(new Error(cause.message), cause);
  return new FramepoolError(code as ErrorCode, reason, { source: label, cause: own });
}
