import { BlockCache, type BlockReader } from "../../../src/sources/cache/block-cache.js";
import type { SourceFacts } from "../../../src/protocol/bytes.js";
import { SourceCounters } from "../../../src/sources/source-stats.js";
import { patient, patterned } from "../support.js";

interface Asked {
  readonly position: number;
  readonly length: number;
  readonly signal: AbortSignal;
  /** Answers the first bytes, or all. */
  arrive(count?: number): void;
  fail(error: Error): void;
}

/** A reader whose answers come when the test says so, or at once. */
export class ManualReader implements BlockReader {
  readonly label = "manual";
  readonly counters = new SourceCounters();
  readonly asked: Asked[] = [];
  readonly #data: Uint8Array;
  readonly #atOnce: boolean;
  readonly #coming: number;

  constructor(data: Uint8Array, { atOnce = true, coming = 0 } = {}) {
    this.#data = data;
    this.#atOnce = atOnce;
    this.#coming = coming;
  }

  async open(): Promise<SourceFacts> {
    return { size: this.#data.length, key: "key", coming: this.#coming };
  }

  fill(target: Uint8Array, position: number, signal: AbortSignal, progress: (filled: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const { length } = target;
      const arrive = (count = length) => {
        target.set(this.#data.subarray(position, position + count));
        progress(count);
        if (count === length) resolve();
      };
      this.asked.push({ position, length, signal, arrive, fail: reject });
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      if (this.#atOnce) arrive();
    });
  }

  close(): void {
    this.asked.length = 0;
  }

  get ranges(): [number, number][] {
    return this.asked.map(({ position, length }) => [position, position + length]);
  }
}

export const data = patterned(1 << 20);
export const settings = { blockSize: 4096, cacheBytes: 1 << 20 };

export async function opened(reader: ManualReader, options = settings): Promise<BlockCache> {
  const cache = new BlockCache(reader, options);
  await cache.open(patient());
  return cache;
}

/** Lets everything run that is not waiting for an answer. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
