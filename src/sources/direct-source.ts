import { setMaxListeners } from "node:events";
import { FramepoolError, argumentError } from "../errors.js";
import type { ByteRange, ByteSource, RemoteSource, SharedPiece } from "./byte-source.js";
import { withDeadline } from "./deadline.js";

/** Reads of one request that are under way at once. */
const mostParallel = 8;
/** What a source is asked for at once, so that one deadline is for a bounded number of bytes. */
const mostBytes = 8 * 2 ** 20;

interface Version {
  readonly size: number;
  readonly key: string | undefined;
}

/** The user's object, checked: it answers with the bytes asked for or it fails, within the deadline. Keeps nothing. */
export class DirectSource implements RemoteSource {
  readonly label: string;
  readonly #make: () => ByteSource | Promise<ByteSource>;
  readonly #timeoutMs: number;
  #source: ByteSource | undefined;
  #version: Version | undefined;

  /** `make` is called once, when the source is opened. */
  constructor(label: string, timeoutMs: number, make: () => ByteSource | Promise<ByteSource>) {
    this.label = label;
    this.#timeoutMs = timeoutMs;
    this.#make = make;
  }

  async open(signal: AbortSignal): Promise<Version> {
    this.#source ??= await withDeadline(this.#timeoutMs, signal, () => this.#make());
    const now = versionOf(this.#source);
    this.#version ??= now;
    this.#checkVersion(this.#source);
    return now;
  }

  readInto(target: Uint8Array, position: number, signal: AbortSignal): number | Promise<number> {
    const source = this.#source;
    const size = this.#version?.size ?? 0;
    if (source === undefined) throw new FramepoolError("E_INTERNAL", "the source was not opened");
    this.#checkVersion(source);
    const wanted = target.subarray(0, Math.min(target.length, mostBytes, Math.max(0, size - position)));
    if (wanted.length === 0) return 0;
    const reading = withDeadline(this.#timeoutMs, signal, (own) => readOnce(source, wanted, position, own));
    return reading.then((count) => {
      this.#checkVersion(source);
      return count;
    });
  }

  async share(ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]> {
    // Each read that is under way listens.
    setMaxListeners(0, signal);
    const pieces = ranges.map(({ position, length }) => ({
      position,
      bytes: new Uint8Array(new SharedArrayBuffer(length)),
    }));
    let next = 0;
    const work = async (): Promise<void> => {
      for (let piece = pieces[next++]; piece !== undefined; piece = pieces[next++]) {
        for (let filled = 0; filled < piece.bytes.length; ) {
          const count = await this.readInto(piece.bytes.subarray(filled), piece.position + filled, signal);
          if (count === 0) throw new FramepoolError("E_INTERNAL", "bytes were asked for beyond the end");
          filled += count;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(mostParallel, pieces.length) }, work));
    return pieces;
  }

  close(): void {
    this.#source = undefined;
  }

  #checkVersion(source: ByteSource): void {
    const { size, key } = versionOf(source);
    if (size === this.#version?.size && key === this.#version.key) return;
    throw new FramepoolError("E_SOURCE_CHANGED", "its size, key or etag is another than when it was opened");
  }
}

function versionOf({ size, key, etag }: ByteSource): Version {
  if (!Number.isSafeInteger(size) || size < 0) throw argumentError("source.size", "a whole number of bytes", size);
  return { size, key: key === undefined ? undefined : `${key}\0${etag ?? ""}` };
}

/** One read of at most `target.length` bytes; returns how many there are now, never 0. */
async function readOnce(
  source: ByteSource,
  target: Uint8Array,
  position: number,
  signal: AbortSignal,
): Promise<number> {
  let count: unknown;
  if (source.readInto !== undefined) {
    count = await source.readInto(target, position, { signal });
    if (!Number.isInteger(count)) throw wrongAnswer(`readInto answered with ${typeof count}, not a number of bytes`);
  } else {
    const bytes: unknown = await source.read(position, target.length, { signal });
    if (!(bytes instanceof Uint8Array)) throw wrongAnswer(`read answered with ${typeof bytes}, not a Uint8Array`);
    count = bytes.length;
    // An answer after the deadline must not reach memory that is another read's by now.
    if (bytes.length <= target.length && !signal.aborted) target.set(bytes);
  }
  const got = count as number;
  if (got < 0 || got > target.length) {
    throw wrongAnswer(`it answered with ${String(got)} bytes where ${String(target.length)} were asked for`);
  }
  if (got === 0) throw wrongAnswer(`it has no bytes at ${String(position)}, before its end`);
  return got;
}

function wrongAnswer(reason: string): FramepoolError {
  return new FramepoolError("E_IO", `the source is broken: ${reason}`);
}
