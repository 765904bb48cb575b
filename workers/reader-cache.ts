import { LRUCache } from "lru-cache";

export interface CacheBudget {
  readonly readers: number;
  readonly bytes: number;
}

/** Bytes that the open readers of all kinds take. */
export interface OpenBytes {
  bytes: number;
}

/** This worker's open readers of one kind, those used last. Losing one costs time, never correctness. */
export class ReaderCache<T extends { readonly reader: { close(): void } }> {
  readonly #readers: LRUCache<string, T>;
  readonly #bytesOf: (entry: T) => number;
  readonly #open: OpenBytes;
  readonly #budget: CacheBudget;

  /** `bytesOf`: about what an open reader takes. `open` is shared with the caches of other kinds. */
  constructor(bytesOf: (entry: T) => number, open: OpenBytes, budget: CacheBudget) {
    this.#bytesOf = bytesOf;
    this.#open = open;
    this.#budget = budget;
    this.#readers = new LRUCache({
      max: budget.readers,
      dispose: (entry) => {
        open.bytes -= bytesOf(entry);
        entry.reader.close();
      },
    });
  }

  get(key: string): T | undefined {
    return this.#readers.get(key);
  }

  /** Adds a reader and closes the oldest ones beyond the budget, never the one just added. */
  add(key: string, entry: T): void {
    this.#readers.set(key, entry);
    this.#open.bytes += this.#bytesOf(entry);
    while (this.#readers.size > 1 && this.#open.bytes > this.#budget.bytes) this.#readers.pop();
  }

  drop(key: string): void {
    this.#readers.delete(key);
  }
}
