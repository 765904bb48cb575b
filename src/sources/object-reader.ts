import { FramepoolError, argumentError } from "../errors.js";
import type { BlockReader } from "./cache/block-cache.js";
import type { ByteSource } from "./byte-source.js";
import type { SourceFacts } from "../protocol/bytes.js";
import { withDeadline } from "../async/deadline.js";
import { SourceCounters } from "./source-stats.js";

type Version = Pick<SourceFacts, "size" | "key">;

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
  if (source.readInto !== undefined) {
    const count: unknown = await source.readInto(target, position, { signal });
    if (typeof count !== "number") throw wrongAnswer(`readInto answered with ${typeof count}, not a number of bytes`);
    return checkedCount(count, target.length, position);
  }
  const bytes: unknown = await source.read(position, target.length, { signal });
  if (!(bytes instanceof Uint8Array)) throw wrongAnswer(`read answered with ${typeof bytes}, not a Uint8Array`);
  const count = checkedCount(bytes.length, target.length, position);
  // What comes after the deadline is not written over what came in its place.
  if (!signal.aborted) target.set(bytes);
  return count;
}

function checkedCount(count: number, asked: number, position: number): number {
  if (!Number.isInteger(count) || count < 0 || count > asked) {
    throw wrongAnswer(`it answered with ${String(count)} bytes where ${String(asked)} were asked for`);
  }
  if (count === 0) throw wrongAnswer(`it has no bytes at ${String(position)}, before its end`);
  return count;
}

function wrongAnswer(reason: string): FramepoolError {
  return new FramepoolError("E_IO", `the source is broken: ${reason}`);
}
