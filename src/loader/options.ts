import { argumentError } from "../errors.js";
import { checkObject, checkSignal, integer, knownKeys, oneOf } from "../arguments.js";
import { DecoderPool } from "../decoder-pool.js";
import type { PoolHost } from "../pool-host.js";
import { LocalPool } from "../local-pool.js";
import { defaultResources } from "../pool/resources.js";
import { type ItemOrder, type LoaderItems, checkItems } from "./items.js";

/** In which order the items come. */
export interface ShuffleOptions {
  /** An integer: the same seed and epoch give the same order everywhere. */
  readonly seed: number;
  /** Another order, and other random clips, for each. Default 0. */
  readonly epoch?: number | undefined;
  /** For items that are not an array: how many the next one is drawn from. Default 1024. */
  readonly window?: number | undefined;
}

/** What an item that cannot be decoded does: end the loop, be left out, or be replaced by another. */
export type LoaderErrorPolicy = "throw" | "skip" | "replace";

/** What loaders of pictures and of sound have in common. */
export interface LoaderOptions<K> {
  /** Also a connected one. Default: the shared pool that VideoDecoder.open uses. */
  readonly pool?: DecoderPool | undefined;
  /** The data set: sources, or sources with keys. Anything but an array is read as it is needed, once for each epoch. */
  readonly items: LoaderItems<K>;
  /** Clips in a batch; the last one may have fewer. Default 1. */
  readonly batchSize?: number | undefined;
  /** Default: the order of `items`. */
  readonly shuffle?: ShuffleOptions | undefined;
  /** Which share of the items is this process's, from 0. Default 0. */
  readonly rank?: number | undefined;
  /** How many processes share the items: each item is exactly one's. Default 1. */
  readonly worldSize?: number | undefined;
  /**
   * Bytes of batches that are decoded ahead: those begun and not yet taken, not the ones that you hold. At least what one
   * item needs. Default 512 MiB.
   */
  readonly prefetchBytes?: number | undefined;
  /**
   * What to do with an item that cannot be opened, sampled or decoded: reject with its error when its batch's turn comes
   * (`throw`, the default), leave its clips out and count it (`skip`: that batch is shorter), or take another item's in
   * their place (`replace`: batches stay whole).
   */
  readonly onError?: LoaderErrorPolicy | undefined;
  /** Ends an iteration that is under way: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a sampler's random clips come from. */
export interface SamplerSeed {
  /** Reproduces random clips. Default `shuffle.seed`, or else one of the loader's own. */
  readonly seed?: number | undefined;
}

/** @internal */
export interface LoaderSettings {
  readonly items: LoaderItems<unknown>;
  readonly order: ItemOrder;
  /** Of the random clips; each item and epoch has its own draws from it. */
  readonly seed: number;
  readonly batchSize: number;
  readonly prefetchBytes: number;
  readonly onError: LoaderErrorPolicy;
  readonly readTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Where the work is done. Throws FramepoolTypeError for what is no pool. */
function poolHost(pool: unknown): PoolHost {
  if (pool === undefined) return new LocalPool(defaultResources());
  if (pool instanceof DecoderPool) return DecoderPool.hostOf(pool);
  throw argumentError("options.pool", "a DecoderPool", pool);
}

/** @internal The options that are every loader's, checked; `rest` are the others. Throws FramepoolTypeError. */
export function splitOptions<K, O extends LoaderOptions<K> & { readonly sampler: SamplerSeed }>(
  options: O,
): {
  readonly host: PoolHost;
  readonly common: Omit<LoaderSettings, "readTimeoutMs">;
  readonly rest: Omit<O, keyof LoaderOptions<K> | "sampler">;
} {
  checkObject("options", options, "an object");
  const { pool, items, sampler, batchSize, shuffle, rank, worldSize, prefetchBytes, onError, signal, ...rest } =
    options;
  const host = poolHost(pool);
  if ("index" in rest) throw argumentError("options.index", "no such option", "one: it is one file's");
  if ("seekMode" in rest) throw argumentError("options.seekMode", "no such option", "one: a loader is always exact");
  checkObject("options.sampler", sampler, "an object");
  checkItems(items);
  checkSignal(signal);
  const processes = integer("options.worldSize", worldSize ?? 1, 1, 2 ** 31 - 1);
  const common = {
    items,
    order: {
      shuffle: shuffle === undefined ? undefined : shuffleOf(shuffle),
      rank: integer("options.rank", rank ?? 0, 0, processes - 1),
      worldSize: processes,
    },
    seed: seed("options.sampler.seed", sampler.seed ?? shuffle?.seed ?? Math.floor(Math.random() * 2 ** 32)),
    batchSize: integer("options.batchSize", batchSize ?? 1, 1, 2 ** 20),
    prefetchBytes: integer("options.prefetchBytes", prefetchBytes ?? 2 ** 29, 0, Number.MAX_SAFE_INTEGER),
    onError: oneOf("options.onError", onError ?? "throw", ["throw", "skip", "replace"]),
    signal,
  };
  return { host, common, rest };
}

function shuffleOf(shuffle: ShuffleOptions): ItemOrder["shuffle"] {
  knownKeys("options.shuffle", shuffle, ["seed", "epoch", "window"]);
  return {
    seed: seed("options.shuffle.seed", shuffle.seed),
    epoch: seed("options.shuffle.epoch", shuffle.epoch ?? 0),
    window: integer("options.shuffle.window", shuffle.window ?? 1024, 1, 2 ** 24),
  };
}

function seed(name: string, value: unknown): number {
  return integer(name, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
