import { LRUCache } from "lru-cache";
import { FramepoolError } from "../errors.js";
import { type PoolSettings, memoryShares, poolSettings } from "./options.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import type { Learnt } from "../protocol/item-clips.js";
import type { StreamInfo } from "../protocol/stream-info.js";
import type { OpenSpec } from "../protocol/job-base.js";
import { allowManyListeners } from "../async/abort.js";
import { AheadBytes } from "./ahead-bytes.js";
import { OutputMemory } from "./output-memory.js";
import { WorkerPool } from "../threads/worker-pool.js";
import { Feed } from "../feed/feed.js";
import type { OpenSource } from "../feed/open-source.js";
import { IndexCache, type KeptIndex } from "./index-cache.js";
import { factsOf } from "./saved-index.js";
import type { PoolStats } from "./stats.js";

/** What was found out of files with their frame indices, those used last; `size` of what is set: the index's bytes. */
export type IndexMemory<T extends object> = LRUCache<string, T>;

/** Keeps between opens at most 64 of them, and 32 MiB. */
export function indexMemory<T extends object>(): IndexMemory<T> {
  return new LRUCache({ max: 64, maxSize: 32 * 2 ** 20 });
}

interface KnownStream {
  readonly info: StreamInfo;
  readonly index: FrameIndex;
}

/** What the decoders of one pool share. */
export class PoolResources {
  readonly settings: PoolSettings;
  readonly workers: WorkerPool;
  readonly memory: OutputMemory;
  /** Of loops and extractions that go on. */
  readonly ahead: AheadBytes;
  readonly feed: Feed;
  /** By reader key, which says what a file is. */
  readonly known = indexMemory<KnownStream>();
  /** The same, for other processes and later ones. */
  readonly indexCache: IndexCache | undefined;
  /** Of loaders: by the file's name and how it is opened. What it was then, is said with it. */
  readonly learnt = indexMemory<Learnt>();
  /** Aborts with E_CLOSED. */
  readonly closing = new AbortController();
  readonly #users = new Map<string, number>();
  #closed: Promise<void> | undefined;

  constructor(settings: PoolSettings) {
    this.settings = settings;
    const { decoders, ahead, free } = memoryShares(settings.memoryBudget);
    this.workers = new WorkerPool(settings.workers, decoders);
    const { maxSpoolBytes } = settings.limits;
    this.feed = new Feed(settings.workers, { maxSpoolBytes, spoolFolder: settings.spoolFolder }, this.closing.signal);
    this.memory = new OutputMemory(free);
    this.ahead = new AheadBytes(ahead);
    this.indexCache = settings.indexCache === undefined ? undefined : new IndexCache(settings.indexCache);
    allowManyListeners(this.closing.signal);
  }

  get stats(): PoolStats {
    const { workers, memory, ahead, feed, known, learnt } = this;
    const bytes = {
      held: memory.heldBytes,
      free: memory.freeBytes,
      ahead: ahead.taken,
      fetched: feed.fetched.taken,
      indices: known.calculatedSize + learnt.calculatedSize,
    };
    return { ...workers.counts, bytes };
  }

  /** Sources have to be asked which version of what they are: by that their indices are kept. */
  get identifies(): boolean {
    return this.indexCache !== undefined;
  }

  /** Where the exact index of a source's stream is kept; undefined without such a place, or where nothing tells versions apart. */
  keptIndex(source: OpenSource, open: OpenSpec): KeptIndex | undefined {
    const facts = factsOf(source);
    if (facts.version === undefined) return undefined;
    return this.indexCache?.of([source.key, JSON.stringify(open)].join("\0"), facts);
  }

  /** Somebody has the reader open. */
  retain(readerKey: string): void {
    this.#users.set(readerKey, (this.#users.get(readerKey) ?? 0) + 1);
  }

  /** The last one to let go of a reader closes it in every worker. */
  async release(readerKey: string): Promise<void> {
    const users = (this.#users.get(readerKey) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(readerKey, users);
      return;
    }
    this.#users.delete(readerKey);
    await this.workers.drop(readerKey);
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.known.clear();
    this.learnt.clear();
    this.closing.abort(new FramepoolError("E_CLOSED", "the pool is closed"));
    await this.workers.close();
    await this.feed.close();
    this.memory.close();
  }
}

/** Holds a reader of the source while `use` opens it, and then until `use`'s `release`, which also lets go of the source. */
export async function holdReader<T>(
  resources: PoolResources,
  source: OpenSource,
  readerKey: string,
  use: (release: () => Promise<void>) => Promise<T>,
): Promise<T> {
  resources.retain(readerKey);
  try {
    return await use(async () => {
      await resources.release(readerKey);
      await source.release();
    });
  } catch (error) {
    void resources.release(readerKey);
    throw error;
  }
}

let shared: PoolResources | undefined;
let sharedSettings: PoolSettings | undefined;

/** The default pool's: made on first use. Its idle threads never keep the process alive. */
export function defaultResources(): PoolResources {
  shared ??= new PoolResources((sharedSettings ??= poolSettings({})));
  return shared;
}

/** Throws E_POOL_IN_USE once it was used. */
export function configureDefaultResources(settings: PoolSettings): void {
  if (shared !== undefined) {
    throw new FramepoolError("E_POOL_IN_USE", "the default pool is in use: configure it before, or close it first");
  }
  sharedSettings = settings;
}

export async function closeDefaultResources(): Promise<void> {
  const closing = shared;
  shared = undefined;
  await closing?.close();
}
