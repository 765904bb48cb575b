import { type ErrorCode, FramepoolError } from "../errors.js";
import type { ReadFailure } from "../protocol/channel.js";

/** What a source threw or rejected with, which may be anything, as an error of the library. Its own error is the cause. */
export function sourceError(error: unknown, label?: string): FramepoolError {
  const details = { source: label };
  if (error instanceof FramepoolError) {
    return new FramepoolError(error.code, error.reason, { ...details, cause: error.cause });
  }
  return new FramepoolError("E_IO", `the source failed: ${messageOf(error)}`, { ...details, cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Characters of one text in a failure. */
const mostText = 16_384;

/** The same as text, which fits into a channel's data. */
export function encodeFailure(error: unknown, token: number): Uint8Array {
  const { code, reason, cause } = sourceError(error);
  const own = cause as { name?: unknown; message?: unknown; stack?: unknown; code?: unknown } | null | undefined;
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? value.slice(0, mostText) : undefined;
  const failure: ReadFailure = {
    code,
    reason: reason.slice(0, mostText),
    token,
    cause: {
      name: text(own?.name) ?? "Error",
      message: text(own?.message) ?? messageOf(cause).slice(0, mostText),
      ...optional("stack", text(own?.stack)),
      ...optional("code", text(own?.code)),
    },
  };
  return new TextEncoder().encode(JSON.stringify(failure));
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

/** On the main thread: `held` is the source's own error, or undefined where only its description came. */
export function restoreFailure(failure: ReadFailure, held: unknown, label: string | undefined): FramepoolError {
  if (held !== undefined) return sourceError(held, label);
  const { name, message, ...rest } = failure.cause;
  const cause = Object.assign(new Error(message), { name, ...rest });
  return new FramepoolError(failure.code as ErrorCode, failure.reason, { source: label, cause });
}
