import { messageOf } from "../errors.js";
import { FramepoolError } from "../index.js";
import { OutputError } from "./files.js";
import { Interrupted } from "./interrupt.js";

/** A line to whoever runs the command. */
export function say(text: string): void {
  process.stderr.write(`framepool: ${text}\n`);
}

/** "talk.mp4: not a media file (E_UNSUPPORTED_FORMAT): the first bytes look like text" */
export function describeError(name: string, error: unknown): string {
  const message = messageOf(error);
  const code = codeOf(error);
  if (code === undefined) return `${name}: ${message}`;
  if (!(error instanceof FramepoolError)) return `${name}: ${message} (${code})`;
  // The reason does not repeat the path, which the message begins with.
  const [what = "", ...details] = error.reason.split(": ");
  return [`${name}: ${what} (${code})`, ...details].join(": ");
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Errors that no other file would escape. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error);
  return error instanceof OutputError || error instanceof Interrupted || code === "E_ADDON" || code === "E_CLOSED";
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
