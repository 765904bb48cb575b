/** Indices kept between opens: at most so many, and so many bytes. */
const mostIndexes = 64;
const mostBytes = 32 * 2 ** 20;

interface Kept<T> {
  readonly value: T;
  readonly bytes: number;
}

/** What was found out of files with their frame indices, those used last. */
export class IndexMemory<T> {
  readonly #kept = new Map<string, Kept<T>>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  set(key: string, value: T, index: SharedArrayBuffer): void {
    this.#delete(key);
    this.#kept.set(key, { value, bytes: index.byteLength });
    this.#bytes += index.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostIndexes && this.#bytes <= mostBytes) break;
      this.#delete(oldest);
    }
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #delete(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}
