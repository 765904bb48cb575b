export interface CacheBudget {
  readonly readers: number;
  readonly bytes: number;
}

/** This worker's open readers, least recently used first. Losing one costs time, never correctness. */
export class ReaderCache<T extends { readonly reader: { close(): void } }> {
  readonly #readers = new Map<string, T>();
  readonly #bytesOf: (entry: T) => number;

  /** `bytesOf`: about what an open reader takes. */
  constructor(bytesOf: (entry: T) => number) {
    this.#bytesOf = bytesOf;
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
    let bytes = 0;
    for (const open of this.#readers.values()) bytes += this.#bytesOf(open);
    for (const [oldest, open] of this.#readers) {
      if (oldest === key || (this.#readers.size <= budget.readers && bytes <= budget.bytes)) break;
      bytes -= this.#bytesOf(open);
      this.drop(oldest);
    }
  }

  drop(key: string): void {
    this.#readers.get(key)?.reader.close();
    this.#readers.delete(key);
  }
}
