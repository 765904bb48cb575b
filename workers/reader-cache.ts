export interface CacheBudget {
  readonly readers: number;
  readonly bytes: number;
}

/** Bytes that the open readers of all kinds take. */
export interface OpenBytes {
  bytes: number;
}

/** This worker's open readers of one kind, least recently used first. Losing one costs time, never correctness. */
export class ReaderCache<T extends { readonly reader: { close(): void } }> {
  readonly #readers = new Map<string, T>();
  readonly #bytesOf: (entry: T) => number;
  readonly #open: OpenBytes;

  /** `bytesOf`: about what an open reader takes. `open` is shared with the caches of other kinds. */
  constructor(bytesOf: (entry: T) => number, open: OpenBytes) {
    this.#bytesOf = bytesOf;
    this.#open = open;
  }

  get(key: string): T | undefined {
    const found = this.#readers.get(key);
    if (found === undefined) return undefined;
    this.#readers.delete(key);
    this.#readers.set(key, found);
    return found;
  }

  /** Adds a reader and closes the oldest ones beyond the budget, never the one just added. */
  add(key: string, entry: T, budget: CacheBudget): void {
    this.drop(key);
    this.#readers.set(key, entry);
    this.#open.bytes += this.#bytesOf(entry);
    for (const oldest of this.#readers.keys()) {
      if (oldest === key || (this.#readers.size <= budget.readers && this.#open.bytes <= budget.bytes)) break;
      this.drop(oldest);
    }
  }

  drop(key: string): void {
    const entry = this.#readers.get(key);
    if (entry === undefined) return;
    this.#readers.delete(key);
    this.#open.bytes -= this.#bytesOf(entry);
    entry.reader.close();
  }
}
