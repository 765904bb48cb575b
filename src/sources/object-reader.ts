import { FramepoolError, argumentError } from "../errors.js";
import type { BlockReader } from "./block-cache.js";
import type { ByteSource, SourceFacts } from "./byte-source.js";
import { withDeadline } from "./deadline.js";
import { SourceCounters } from "./source-stats.js";

interface Version {
  readonly size: number;
  readonly key: string | undefined;
}

/** The user's object, checked: it answers with the bytes asked for, within the deadline, or it fails. */
export class ObjectReader implements BlockReader {
  readonly label: string;
  readonly counters = new SourceCounters();
  readonly #make: () => ByteSource | Promise<ByteSource>;
  readonly #timeoutMs: number;
  #opened: { readonly source: ByteSource; readonly version: Version } | undefined;

  /** `make` is called when the source is opened. */
  constructor(label: string, timeoutMs: number, make: () => ByteSource | Promise<ByteSource>) {
    this.label = label;
    this.#timeoutMs = timeoutMs;
    this.#make = make;
  }

  async open(signal: AbortSignal): Promise<SourceFacts> {
    const source = await withDeadline(this.#timeoutMs, signal, () => this.#make());
    const version = versionOf(source);
    this.#opened = { source, version };
    return { ...version, coming: 0 };
  }

  async fill(
    target: Uint8Array<SharedArrayBuffer>,
    position: number,
    signal: AbortSignal,
    progress: (filled: number) => void,
  ): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      const source = this.#current();
      const rest = target.subarray(filled);
      filled += await withDeadline(this.#timeoutMs, signal, (own) => readOnce(source, rest, position + filled, own));
      this.#current();
      progress(filled);
    }
  }

  close(): void {
    this.#opened = undefined;
  }

  /** The source, which must be the one that was opened. */
  #current(): ByteSource {
    if (this.#opened === undefined) throw new FramepoolError("E_CLOSED", "the source was closed");
    const { source, version } = this.#opened;
    const { size, key } = versionOf(source);
    if (size === version.size && key === version.key) return source;
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
