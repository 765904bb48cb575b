/**
 * Every code that an error of this library can carry. Match on `code`: messages may be reworded, and `instanceof` fails
 * between two copies of the package.
 */
export type ErrorCode =
  /** A call is wrong whatever the file holds: a `FramepoolTypeError`; of one of many sources a `FramepoolError` whose `cause` that is. */
  | "E_ARGUMENT"
  | "E_NOT_FOUND"
  | "E_ACCESS"
  /** What is there was made by something else, and is left as it is. */
  | "E_EXISTS"
  /** A directory, a device, a pipe. */
  | "E_NOT_A_FILE"
  /** The operating system or the source failed while reading. */
  | "E_IO"
  /** The source did not answer within the deadline. */
  | "E_TIMEOUT"
  /** A server answers in a way that no range of a file can be had from. */
  | "E_HTTP"
  /** The default pool was to be configured, and has been used already. */
  | "E_POOL_IN_USE"
  /** The `index` that was handed over is damaged, of another file, stream or version, or does not fit what is in the file. */
  | "E_INDEX"
  /** The file is another one than it was when it was opened. */
  | "E_SOURCE_CHANGED"
  /** No known container: empty, text, a playlist. */
  | "E_UNSUPPORTED_FORMAT"
  /** A known container, too damaged to open. */
  | "E_INVALID_DATA"
  /** No stream of the kind asked for, or `streamIndex` does not name one. */
  | "E_NO_STREAM"
  | "E_UNSUPPORTED_CODEC"
  /** A frame cannot be decoded; `frame` says which. */
  | "E_DECODE"
  /** The sound cannot be brought to the `sampleRate` and `numChannels` asked for. */
  | "E_CONVERSION"
  /** An index or a time outside the stream. */
  | "E_OUT_OF_RANGE"
  /** A limit of `limits`, or the memory, was reached. */
  | "E_LIMIT"
  /** Frames of different sizes, or native ones of different formats, cannot share a batch: of one video, or a data set's. */
  | "E_FRAME_SIZE"
  /** Approximate mode needs a frame rate and a duration that the header does not state. */
  | "E_METADATA"
  /** The decoder or the pool was closed. */
  | "E_CLOSED"
  /** The worker thread died while it ran the job; the pool has replaced it. */
  | "E_WORKER_LOST"
  /** The native addon is missing or does not load, a bundler separated this code from its worker files, or an optional package is not installed. */
  | "E_ADDON"
  /** A fault of this library. */
  | "E_INTERNAL";

interface ErrorDetails extends Partial<Pick<FramepoolError, "source" | "frame">> {
  readonly log?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** A failure that only looking at the file, or running, could show. `message` names the source and what went wrong. */
export class FramepoolError extends Error {
  /** Of the class. */
  override readonly name = "FramepoolError";
  /** What went wrong, for programs: stable. */
  readonly code: ErrorCode;
  /** What went wrong, without the source's name in front. */
  readonly reason: string;
  /** The source, as a person would name it: its path, or what kind of bytes it is; undefined where the error is of none. */
  readonly source: string | undefined;
  /** The frame that could not be decoded, where it is one. */
  readonly frame:
    | {
        /** Its number. */
        readonly index: number;
        /** When it would be on screen, on the file's clock. */
        readonly ptsSeconds: number;
      }
    | undefined;
  /** FFmpeg's last messages about it, oldest first. */
  readonly log: readonly string[];

  constructor(code: ErrorCode, reason: string, details: ErrorDetails = {}) {
    const message = details.source === undefined ? reason : `${details.source}: ${reason}`;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.source = details.source;
    this.frame = details.frame;
    this.log = details.log ?? [];
  }
}

/** Misuse that shows without looking at a file. */
export class FramepoolTypeError extends TypeError {
  /** Of the class. */
  override readonly name = "FramepoolTypeError";
  /** The same for all misuse. */
  readonly code = "E_ARGUMENT";
}

/** `Expected <what> for <name>, received <value>`, the one sentence for a wrong argument. */
export function argumentError(name: string, expected: string, received: unknown): FramepoolTypeError {
  const error = new FramepoolTypeError(`Expected ${expected} for ${name}, received ${describe(received)}`);
  // A stack has ten places: the last ones are to be the caller's.
  Error.captureStackTrace(error, argumentError);
  return error;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return `an object of type ${typeOf(value) ?? "unknown"}`;
  return String(value);
}

/** Nothing can be decoded at all, whichever file it is. */
export function isAddonMissing(error: unknown): boolean {
  return isInstance(error, FramepoolError) && error.code === "E_ADDON";
}

// --- Where an error came from -------------------------------------------------------------------------------------

/** Errors whose stack says who asked. */
const traced = new WeakSet<Error>();

/**
 * Waits for work that other threads do. Their errors are made in the handler of a message, whose stack says nothing; they are thrown
 * from here with that of the call, and of those who await it. Costs nothing where nothing goes wrong.
 */
export async function askedHere<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw withCaller(error);
  }
}

/** The error with the stack of who asked for what failed; another one where somebody else has asked for the same. */
export function withCaller<E>(error: E): E | FramepoolError {
  if (!isInstance(error, FramepoolError)) return error;
  const own = traced.has(error) ? copyOf(error) : error;
  traced.add(own);
  Error.captureStackTrace(own, withCaller);
  return own;
}

function copyOf({ code, reason, source, frame, log, cause }: FramepoolError): FramepoolError {
  return new FramepoolError(code, reason, { source, frame, log, cause });
}

// --- Values of strangers -----------------------------------------------------------------------------------------
// Anything may be thrown, be a signal's reason or be passed where something else belongs: an object without prototype, one
// whose getters throw, a revoked proxy. Looking at one must never throw in its turn, least of all where nobody catches it.

/** A property; undefined where there is none or it cannot be had. */
export function propertyOf(value: unknown, name: string): unknown {
  if (value === undefined || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

/** `instanceof`, which a proxy may answer by throwing. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** The message of an error, any other value as text. */
export function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return typeof error === "function" ? "a function" : String(error);
  const message = propertyOf(error, "message");
  if (typeof message === "string") return message;
  return textOf(error) ?? describe(error);
}

/** The message of one of Node's errors, "ENOSPC: no space left on device, open '/path'", without its path, which the caller names. */
export function systemReason(error: unknown): string {
  return messageOf(error)
    .replace(/^E[A-Z0-9]+: /, "")
    .replace(/, [a-z]+(?: '.*')?$/s, "");
}

function textOf(value: unknown): string | undefined {
  try {
    const text = String(value);
    return text === "[object Object]" ? undefined : text;
  } catch {
    return undefined;
  }
}

function typeOf(value: object): string | undefined {
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    const name = propertyOf(propertyOf(prototype, "constructor"), "name");
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

/** What a closed decoder answers. */
export function decoderClosed(source: string): FramepoolError {
  return new FramepoolError("E_CLOSED", "the decoder is closed", { source });
}

/** What a closed file answers, and its decoders with it. */
export function mediaClosed(source: string): FramepoolError {
  return new FramepoolError("E_CLOSED", "the file was closed", { source });
}
