import { FramepoolError } from "../../errors.js";

/** Worth another try. */
export class TransientError extends FramepoolError {
  /** What the server asked for. */
  readonly waitMs: number | undefined;

  constructor(code: "E_HTTP" | "E_IO" | "E_TIMEOUT", reason: string, cause?: unknown, waitMs?: number) {
    super(code, reason, { cause });
    this.waitMs = waitMs;
  }
}

export interface AnswerHead {
  readonly status: number;
  /** Undefined when there is no such header. */
  header(name: string): string | undefined;
}

/** Which version of a file an answer is about. */
export interface FileVersion {
  readonly size: number;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Where the body of an answer lies in the file: half-open. */
export interface AnswerContent {
  readonly version: FileVersion;
  readonly start: number;
  readonly end: number;
}

/**
 * What an answer to "the bytes from `start` up to but not including `end`" holds: at least the byte at `start`. Throws what
 * is wrong with it.
 */
export function contentOf(answer: AnswerHead, start: number, end: number): AnswerContent {
  const { status } = answer;
  // No range of an empty file can be had.
  if (unsatisfiedSize(answer) === 0 && start === 0) {
    return { version: versionOf(answer, 0), start: 0, end: 0 };
  }
  if (status !== 200 && status !== 206) throw statusError(answer);
  const encoding = answer.header("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    throw new FramepoolError("E_HTTP", `the server compressed the bytes (${encoding}), although it was asked not to`);
  }
  return status === 200 ? wholeFile(answer) : partOfFile(answer, start, end);
}

/** The size that a refused range came up against. */
export function unsatisfiedSize(answer: AnswerHead): number | undefined {
  if (answer.status !== 416) return undefined;
  const size = /^bytes \*\/(\d+)$/.exec(answer.header("content-range")?.trim() ?? "")?.[1];
  return size === undefined ? undefined : Number(size);
}

function wholeFile(answer: AnswerHead): AnswerContent {
  const length = contentLength(answer);
  if (length === undefined) {
    throw new FramepoolError("E_HTTP", "the server neither serves ranges nor tells the size of the file");
  }
  return { version: versionOf(answer, length), start: 0, end: length };
}

function partOfFile(answer: AnswerHead, start: number, end: number): AnswerContent {
  const range = answer.header("content-range") ?? "";
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range.trim()) ?? [];
  const asked = `bytes ${String(start)}-${String(end - 1)}`;
  if (first === undefined || last === undefined || total === undefined) {
    throw new FramepoolError("E_HTTP", `the server answered ${asked} without saying which it sent`);
  }
  if (total === "*") throw new FramepoolError("E_HTTP", "the server does not tell the size of the file");
  const content = { version: versionOf(answer, Number(total)), start: Number(first), end: Number(last) + 1 };
  const length = contentLength(answer) ?? content.end - content.start;
  const isPossible = content.start < content.end && content.end <= content.version.size;
  const isAsked = content.start === start && content.end <= end;
  if (!isPossible || !isAsked || length !== content.end - content.start || !Number.isSafeInteger(Number(total))) {
    throw new FramepoolError("E_HTTP", `the server answered ${asked} with ${range} (${String(length)} bytes)`);
  }
  return content;
}

function contentLength(answer: AnswerHead): number | undefined {
  const text = answer.header("content-length");
  if (text === undefined) return undefined;
  const length = Number(text);
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new FramepoolError("E_HTTP", `the server told a size of ${text}`);
}

function versionOf(answer: AnswerHead, size: number): FileVersion {
  return { size, etag: answer.header("etag"), lastModified: answer.header("last-modified") };
}

/** Whether two answers can be about the same bytes, as far as they tell. */
export function isSameVersion(a: FileVersion, b: FileVersion): boolean {
  if (a.size !== b.size) return false;
  // Weak tags are compared too: a server that makes another one for the same file would also have to be believed when it is not.
  const [first, second] = [a, b].map(({ etag }) => etag?.replace(/^W\//, ""));
  if (first !== undefined && second !== undefined) return first === second;
  return a.lastModified === undefined || b.lastModified === undefined || a.lastModified === b.lastModified;
}

/** For the header If-Range, which takes no weak tag. */
export function rangeCondition({ etag, lastModified }: FileVersion): string | undefined {
  return etag?.startsWith('"') === true ? etag : lastModified;
}

/** Undefined when the server does not tell versions apart. */
export function versionKey({ size, etag, lastModified }: FileVersion): string | undefined {
  const tag = etag ?? lastModified;
  return tag === undefined ? undefined : `${String(size)} ${tag}`;
}

function statusError(answer: AnswerHead): FramepoolError {
  const { status } = answer;
  const reason = `the server answered ${String(status)}`;
  if (status === 401 || status === 403 || status === 407) return new FramepoolError("E_ACCESS", reason);
  if (status === 404 || status === 410) return new FramepoolError("E_NOT_FOUND", reason);
  const isTransient = status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501);
  if (!isTransient) return new FramepoolError("E_HTTP", reason);
  return new TransientError("E_HTTP", reason, undefined, retryAfterMs(answer.header("retry-after"), Date.now()));
}

/** Seconds, or a date. */
function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
