import { argumentError } from "../errors.js";
import { integer, knownKeys } from "../arguments.js";
import { type PoolResources, resourcesOf } from "../video/resources.js";
import type { Position } from "./batch-rows.js";
import { Epoch } from "./epoch.js";
import type { LoadedBatch } from "./loaded-batch.js";
import { type ClipLoaderOptions, type LoaderSettings, loaderSettings } from "./options.js";
import { type ClipLoaderStats, LoaderCounts } from "./stats.js";

export { LoadedBatch } from "./loaded-batch.js";
export type { LoaderItem, LoaderItems } from "./items.js";
export type { ClipLoaderOptions, LoaderErrorPolicy, ShuffleOptions } from "./options.js";
export type { ClipLoaderStats, ItemFailure } from "./stats.js";

/** Where an iteration stands, as plain data that JSON keeps. */
export interface ClipLoaderState {
  readonly version: 1;
  /** The next item of the rank's order, and the next of its clips. */
  readonly item: number;
  readonly clip: number;
  /** Of the random clips. */
  readonly seed: number;
  readonly shuffle: { readonly seed: number; readonly epoch: number; readonly window: number } | null;
  readonly rank: number;
  readonly worldSize: number;
}

/**
 * Batches of clips from many videos: one pass over a data set. Each item is opened, sampled and decoded in one task of a
 * worker, straight into the memory of its batch; batches come in the order of the items, whichever worker is done first.
 *
 * Iterating throws E_CLOSED when the pool is closed, the signal's reason when aborted, what the iterable of items throws,
 * and with onError "throw" an item's own error, E_FRAME_SIZE for one whose frames are of another size than the first
 * item's among them. Leaving the loop cancels what is under way and closes what was opened.
 */
export class ClipLoader<K = number> implements AsyncIterable<LoadedBatch<K>> {
  readonly #resources: PoolResources;
  readonly #settings: LoaderSettings;
  #start: Position = { item: 0, clip: 0 };
  /** The last iteration. */
  #epoch: Epoch | undefined;

  constructor(options: ClipLoaderOptions<K>) {
    const { pool, ...own } = options;
    this.#resources = resourcesOf(pool);
    this.#settings = loaderSettings(own, this.#resources.settings.limits);
  }

  /**
   * A loader that goes on after the last batch that was taken before `state()`: with the same options, on any machine, the
   * rest of the pass is what it would have been. Throws FramepoolTypeError where options and state differ.
   */
  static from<K = number>(state: ClipLoaderState, options: ClipLoaderOptions<K>): ClipLoader<K> {
    const { item, clip, seed } = checkState(state);
    const loader = new ClipLoader({ ...options, sampler: { ...options.sampler, seed } });
    for (const [name, given] of Object.entries(orderOf(loader.#settings))) {
      const saved = state[name as keyof ClipLoaderState];
      if (JSON.stringify(given) !== JSON.stringify(saved)) {
        throw argumentError(`options.${name}`, `what the state has (${JSON.stringify(saved)})`, JSON.stringify(given));
      }
    }
    loader.#start = { item, clip };
    return loader;
  }

  /** Of the iteration under way, or the last one. */
  get stats(): ClipLoaderStats {
    return (this.#epoch?.counts ?? new LoaderCounts()).stats(this.#epoch?.prefetchedBytes ?? 0);
  }

  /** Behind the last batch that was taken. Save it when you are done with that batch. */
  state(): ClipLoaderState {
    const { item, clip } = this.#epoch?.position ?? this.#start;
    return { version: 1, item, clip, seed: this.#settings.seed, ...orderOf(this.#settings) };
  }

  /** Each iteration is the same pass, from the beginning or where the state said. One at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LoadedBatch<K>, void, undefined> {
    const epoch = new Epoch(this.#resources, this.#settings, this.#start);
    this.#epoch = epoch;
    try {
      for (let batch = await epoch.next(); batch !== undefined; batch = await epoch.next()) {
        yield batch as LoadedBatch<K>;
      }
    } finally {
      epoch.stop();
    }
  }
}

function orderOf({ order }: LoaderSettings): Pick<ClipLoaderState, "shuffle" | "rank" | "worldSize"> {
  return { shuffle: order.shuffle ?? null, rank: order.rank, worldSize: order.worldSize };
}

function checkState(state: ClipLoaderState): ClipLoaderState {
  knownKeys("state", state, ["version", "item", "clip", "seed", "shuffle", "rank", "worldSize"]);
  integer("state.version", state.version, 1, 1);
  integer("state.item", state.item, 0, Number.MAX_SAFE_INTEGER);
  integer("state.clip", state.clip, 0, Number.MAX_SAFE_INTEGER);
  return state;
}
