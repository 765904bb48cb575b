import type { FileHandle } from "node:fs/promises";
import { FramepoolError } from "../errors.js";
import { type PoolSettings, memoryShares, poolSettings } from "../options.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import type { Learnt } from "../protocol/job.js";
import type { StreamInfo } from "../protocol/stream-info.js";
import { allowManyListeners } from "../async/linked-abort.js";
import { AheadBytes } from "./ahead-bytes.js";
import { OutputMemory } from "./output-memory.js";
import { WorkerPool } from "../threads/worker-pool.js";
import { LocalChannel } from "../feed/channel/local-channel.js";
import { IoThreads } from "../feed/io/io-threads.js";
import { ByteBudget } from "../async/byte-budget.js";
import { IndexMemory } from "./index-memory.js";
import { Remotes, mostFetched } from "../feed/held-sources.js";

export interface KnownStream {
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
  readonly remotes = new Remotes(() => new LocalChannel());
  readonly ioThreads = new IoThreads();
  /** Copies of streams that are in use. */
  readonly spooled = new Set<FileHandle>();
  /** Bytes that are fetched for jobs which have not ended: enough when as many sources stall as there are workers. */
  readonly fetched: ByteBudget;
  /** By reader key, which says what a file is. */
  readonly known = new IndexMemory<KnownStream>();
  /** Of loaders: by the file's name and how it is opened. What it was then, is said with it. */
  readonly learnt = new IndexMemory<Learnt>();
  /** Aborts with E_CLOSED. */
  readonly closing = new AbortController();
  readonly #users = new Map<string, number>();
  #closed: Promise<void> | undefined;

  constructor(settings: PoolSettings) {
    this.settings = settings;
    const { decoders, ahead, free } = memoryShares(settings.memoryBudget);
    this.workers = new WorkerPool(settings.workers, decoders);
    this.fetched = new ByteBudget((settings.workers + 1) * mostFetched);
    this.memory = new OutputMemory(free);
    this.ahead = new AheadBytes(ahead);
    allowManyListeners(this.closing.signal);
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
    await Promise.all([this.remotes.close(), this.ioThreads.close()]);
    await Promise.all([...this.spooled].map((file) => file.close()));
    this.spooled.clear();
    this.memory.close();
  }
}

let shared: PoolResources | undefined;

/** The default pool's: made on first use. Its idle threads never keep the process alive. */
export function defaultResources(): PoolResources {
  shared ??= new PoolResources(poolSettings({}));
  return shared;
}
