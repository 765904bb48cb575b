import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";

/**
 * Bytes at a position, from anywhere: stateless, so that reads may overlap. `read` may answer with fewer bytes than asked
 * for (it is asked again for the rest), never with more; an empty answer before `size` is an error. What it throws or
 * rejects with comes back to the caller as the error's `cause`, by identity.
 */
export interface ByteSource {
  /** Bytes in all; fixed for the source's life. */
  readonly size: number;
  /** `signal` aborts when nobody waits for the answer any more. */
  read(position: number, length: number, options: ReadOptions): Uint8Array | Promise<Uint8Array>;
  /** The same, written straight into shared memory: at most `target.length` bytes; returns how many. Preferred over `read`. */
  readInto?(target: Uint8Array, position: number, options: ReadOptions): number | Promise<number>;
  /** Two sources with one key (and one `etag`, where there is one) hold the same bytes: their index is made once. */
  readonly key?: string | undefined;
  /** Which version of what `key` names: see there. */
  readonly etag?: string | undefined;
}

/** What a source is told of a read. */
export interface ReadOptions {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * What the library makes of every source whose bytes a worker cannot read by itself. `readInto` and `share` are only called
 * after `open` resolved. All reject with the source's own error, or with a FramepoolError of theirs.
 */
export interface RemoteSource {
  /** How a person would name it. */
  readonly label: string;
  /** Learns the size and which version of which thing it is; later calls answer the same, or reject with E_SOURCE_CHANGED. */
  open(signal: AbortSignal): Promise<SourceFacts>;
  /** Writes 1 to `target.length` bytes and returns how many; 0 only at the end. */
  readInto(target: Uint8Array, position: number, signal: AbortSignal): number | Promise<number>;
  /** Fetches ranges (ascending, disjoint) in parallel and answers where they lie; what memory it keeps is its own affair. */
  share(ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]>;
  /** The library's own resources: never what the user opened. */
  close(): void | Promise<void>;
}
