import { LRUCache } from "lru-cache";

/** What was found out of files with their frame indices, those used last; `size` of what is set: the index's bytes. */
export type IndexMemory<T extends object> = LRUCache<string, T>;

/** Keeps between opens at most 64 of them, and 32 MiB. */
export function indexMemory<T extends object>(): IndexMemory<T> {
  return new LRUCache({ max: 64, maxSize: 32 * 2 ** 20 });
}
