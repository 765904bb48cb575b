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

/** The same as text that fits the channel. */
export function encodeFailure(error: unknown, token: number, room: number): Uint8Array {
  const { code, reason, cause } = sourceError(error);
  const own = cause as { name?: unknown; message?: unknown; stack?: unknown; code?: unknown } | null | undefined;
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? value.slice(0, room / 32) : undefined;
  const failure: ReadFailure = {
    code,
    reason: reason.slice(0, room / 32),
    token,
    cause: {
      name: text(own?.name) ?? "Error",
      message: text(own?.message) ?? messageOf(cause).slice(0, room / 32),
      ...optional("stack", text(own?.stack)),
      ...optional("code", text(own?.code)),
    },
  };
  return new TextEncoder().encode(JSON.stringify(failure)).subarray(0, room);
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

/** On the main thread: `held` is the source's own error, or undefined where only its description came. */
export function restoreFailure(failure: ReadFailure, held: unknown, label: string): FramepoolError {
  if (held !== undefined) return sourceError(held, label);
  const { name, message, ...rest } = failure.cause;
  const cause = Object.assign(new Error(message), { name, ...rest });
  return new FramepoolError(failure.code as ErrorCode, failure.reason, { source: label, cause });
}
