import type { NativeReader } from "../native/addon.js";
import type { StreamInfo } from "../src/protocol/stream-info.js";

/** An open reader and what it was told. */
export interface OpenReader {
  readonly reader: NativeReader;
  readonly info: StreamInfo;
  /** The index that the native reader uses, by identity of its memory. */
  index: SharedArrayBuffer | undefined;
}

export interface CacheBudget {
  readonly readers: number;
  readonly bytes: number;
}

/** This worker's open readers, least recently used first. Losing one costs time, never correctness. */
export class ReaderCache {
  readonly #readers = new Map<string, OpenReader>();

  get(key: string): OpenReader | undefined {
    const found = this.#readers.get(key);
    if (found === undefined) return undefined;
    this.#readers.delete(key);
    this.#readers.set(key, found);
    return found;
  }

  /** Adds a reader and closes the oldest ones beyond the budget, never the one just added. */
  add(key: string, entry: OpenReader, budget: CacheBudget): void {
    this.drop(key);
    this.#readers.set(key, entry);
    let bytes = 0;
    for (const { info } of this.#readers.values()) bytes += estimatedBytes(info);
    for (const [oldest, { info }] of this.#readers) {
      if (oldest === key || (this.#readers.size <= budget.readers && bytes <= budget.bytes)) break;
      bytes -= estimatedBytes(info);
      this.drop(oldest);
    }
  }

  drop(key: string): void {
    this.#readers.get(key)?.reader.close();
    this.#readers.delete(key);
  }
}

/** A decoder's reference pictures dominate: eight at 1.5 bytes a pixel, twice that above 8 bits, and buffers. */
function estimatedBytes(info: StreamInfo): number {
  const pictureBytes = info.native?.bytes ?? info.codedWidth * info.codedHeight * 1.5;
  return 8 * pictureBytes + 1_000_000;
}
