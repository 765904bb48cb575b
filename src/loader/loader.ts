import { argumentError } from "../errors.js";
import { integer, knownKeys } from "../arguments.js";
import type { Position } from "./batch-rows.js";
import type { LoaderSettings } from "./options.js";
import { type ClipLoaderStats, LoaderCounts } from "./stats.js";

/** Where an iteration stands, as plain data that JSON keeps. */
export interface ClipLoaderState {
  /** Of this layout. */
  readonly version: 1;
  /** The next item of the rank's order, from 0. */
  readonly item: number;
  /** The next of that item's clips, from 0. */
  readonly clip: number;
  /** Of the random clips. */
  readonly seed: number;
  /** The order of the items, as `shuffle` of the options says it; null: as they are. */
  readonly shuffle: {
    /** As of the options. */
    readonly seed: number;
    /** As of the options. */
    readonly epoch: number;
    /** As of the options. */
    readonly window: number;
  } | null;
  /** Which share of the items. */
  readonly rank: number;
  /** How many shares there are. */
  readonly worldSize: number;
}

/** One iteration. */
interface Pass<Batch> {
  readonly counts: LoaderCounts;
  readonly position: Position;
  readonly prefetchedBytes: number;
  next(): Promise<Batch | undefined>;
  stop(): void;
}

/** What the loaders of pictures and of sound are: a pass over a data set that can be repeated, watched and resumed. */
export abstract class Loader<Batch> implements AsyncIterable<Batch> {
  readonly #settings: LoaderSettings;
  readonly #passFrom: (start: Position) => Promise<Pass<Batch>>;
  #start: Position = { item: 0, clip: 0 };
  /** The last iteration. */
  #pass: Pass<Batch> | undefined;

  /** @internal */
  protected constructor(settings: LoaderSettings, passFrom: (start: Position) => Promise<Pass<Batch>>) {
    this.#settings = settings;
    this.#passFrom = passFrom;
  }

  /** Of the iteration under way, or the last one. */
  get stats(): ClipLoaderStats {
    return (this.#pass?.counts ?? new LoaderCounts()).stats(this.#pass?.prefetchedBytes ?? 0);
  }

  /** Behind the last batch that was taken. Save it when you are done with that batch. */
  state(): ClipLoaderState {
    const { item, clip } = this.#pass?.position ?? this.#start;
    return { version: 1, item, clip, seed: this.#settings.seed, ...this.#order() };
  }

  /** Each iteration is the same pass, from the beginning or where the state said. One at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    this.#pass = undefined;
    const pass = await this.#passFrom(this.#start);
    this.#pass = pass;
    try {
      for (let batch = await pass.next(); batch !== undefined; batch = await pass.next()) yield batch;
    } finally {
      pass.stop();
    }
  }

  /** @internal Begins where a state of the same options says. */
  protected startAt(state: ClipLoaderState): this {
    for (const [name, given] of Object.entries(this.#order())) {
      const saved = state[name as keyof ClipLoaderState];
      if (JSON.stringify(given) !== JSON.stringify(saved)) {
        throw argumentError(`options.${name}`, `what the state has (${JSON.stringify(saved)})`, JSON.stringify(given));
      }
    }
    this.#start = { item: state.item, clip: state.clip };
    return this;
  }

  #order(): Pick<ClipLoaderState, "shuffle" | "rank" | "worldSize"> {
    const { shuffle, rank, worldSize } = this.#settings.order;
    return { shuffle: shuffle ?? null, rank, worldSize };
  }
}

/** Throws FramepoolTypeError for what state() does not give. */
export function checkState(state: ClipLoaderState): ClipLoaderState {
  knownKeys("state", state, ["version", "item", "clip", "seed", "shuffle", "rank", "worldSize"]);
  integer("state.version", state.version, 1, 1);
  integer("state.item", state.item, 0, Number.MAX_SAFE_INTEGER);
  integer("state.clip", state.clip, 0, Number.MAX_SAFE_INTEGER);
  return state;
}
