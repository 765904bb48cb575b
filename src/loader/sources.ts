import { FramepoolError } from "../errors.js";
import type { Learnt, SourceRef } from "../protocol/job.js";
import { type MediaSource, knownSource } from "../sources/media-source.js";
import { type OpenSource, withSource } from "../video/open-source.js";
import type { IndexMemory } from "../video/index-memory.js";
import type { PoolResources } from "../video/resources.js";
import { type LoaderItems, type Turn, readItem } from "./items.js";

/** A source, ready for a worker. */
export interface ReadySource {
  readonly source: OpenSource;
  /** Its decoder should stay open in the worker for the next item. */
  readonly kept: KeptReader | undefined;
  /** To be called once no worker reads it for this item any more. */
  readonly done: () => void;
}

export interface LoaderSourcesOptions {
  /** Readers of a source that are opened with equal keys are the same. */
  readonly openKey: string;
  readonly items: LoaderItems<unknown>;
  readonly readTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Readers of a source that comes again, and what the items so far have found out of it. */
export class KeptReader {
  readonly key: string;
  readonly #source: OpenSource;
  readonly #learnt: IndexMemory<Learnt>;
  readonly #name: string;
  #identity: string | undefined;

  /** `name`: of the source, and how it is opened; what is learnt by it stays when this reader is gone. */
  constructor(source: OpenSource, name: string, learnt: IndexMemory<Learnt>) {
    // What is kept anew may be another version of the file by then.
    this.key = `${name}\0${String(nextKept++)}`;
    this.#source = source;
    this.#name = name;
    this.#learnt = learnt;
  }

  /** Where workers get the bytes: of the version that the first item was read from. */
  get ref(): SourceRef {
    const { ref } = this.#source;
    return ref.kind === "file" ? { ...ref, identity: this.#identity } : ref;
  }

  get known(): Learnt | undefined {
    return this.#learnt.get(this.#name);
  }

  /** Throws E_SOURCE_CHANGED for an item of another version, which was read at the same time as the first one. */
  learn(learnt: Learnt): void {
    const { identity, index } = learnt;
    if (identity !== null && identity !== (this.#identity ??= identity)) {
      const source = this.#source.label;
      throw new FramepoolError("E_SOURCE_CHANGED", "the file was replaced while it was read", { source });
    }
    if (index !== undefined) this.#learnt.set(this.#name, learnt, index);
  }
}

/** A source that comes again. */
interface Kept {
  readonly ready: Promise<{ readonly source: OpenSource; readonly kept: KeptReader }>;
  /** Items that are read from it now. */
  users: number;
  /** Its bytes come through this process, which caches them; false until it is open. */
  isRemote: boolean;
}

/** Sources that are kept while no item is read from them, for each worker: about as many as it has open decoders for. */
const idlePerWorker = 64;
/** Remote ones: each has a cache of its own. */
const mostIdleRemotes = 8;
/** Sources of a stream that are remembered, to notice that one comes back. */
const mostSeen = 65_536;
let nextKept = 1;

/**
 * The sources of a data set. Those that occur more than once stay open in the workers, as far as their budget goes. While
 * one is kept it is identified once: if it changes, that is the error E_SOURCE_CHANGED.
 */
export class LoaderSources {
  readonly #resources: PoolResources;
  readonly #openKey: string;
  readonly #readTimeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #popular = new Map<unknown, Kept>();
  /** Names of those that no item is read from, least recently used first. */
  readonly #idle = new Set<unknown>();
  readonly #idleRemotes = new Set<unknown>();
  /** Of an array: which sources occur in it more than once. */
  readonly #repeated: ReadonlySet<unknown> | undefined;
  readonly #seen = new Set<unknown>();

  constructor(resources: PoolResources, { openKey, items, readTimeoutMs, signal }: LoaderSourcesOptions) {
    this.#resources = resources;
    this.#readTimeoutMs = readTimeoutMs;
    this.#signal = signal;
    this.#openKey = openKey;
    this.#repeated = Array.isArray(items) ? repeatedSources(items as readonly unknown[]) : undefined;
  }

  async ready(source: MediaSource): Promise<ReadySource> {
    const name = nameOf(source);
    const popular = this.#repeated === undefined ? this.#cameBefore(name) : this.#repeated.has(name);
    if (!popular) {
      const opened = await this.#open(source);
      return { source: opened, kept: undefined, done: () => void opened.release() };
    }
    const kept = this.#popular.get(name) ?? this.#keep(source, name);
    this.#idle.delete(name);
    this.#idleRemotes.delete(name);
    kept.users++;
    const done = (): void => {
      kept.users--;
      if (kept.users === 0) this.#rest(name, kept);
    };
    return { ...(await kept.ready), done };
  }

  /** Closes what was kept open. */
  close(): void {
    for (const kept of this.#popular.values()) this.#close(kept);
    this.#popular.clear();
    this.#idle.clear();
    this.#idleRemotes.clear();
  }

  #keep(source: MediaSource, name: unknown): Kept {
    const kept: Kept = { ready: this.#openToKeep(source), users: 0, isRemote: false };
    this.#popular.set(name, kept);
    kept.ready.then(
      ({ source: { link } }) => (kept.isRemote = link !== undefined),
      // One that is not there now may be there for a later item.
      () => this.#popular.delete(name),
    );
    return kept;
  }

  /** Nothing is read from it now: it may be the next one's, or push out the one that has waited longest. */
  #rest(name: unknown, { isRemote }: Kept): void {
    const idle = isRemote ? this.#idleRemotes : this.#idle;
    idle.add(name);
    if (idle.size <= (isRemote ? mostIdleRemotes : idlePerWorker * this.#resources.workers.threads)) return;
    const [oldest] = idle;
    const kept = this.#popular.get(oldest);
    idle.delete(oldest);
    this.#popular.delete(oldest);
    if (kept !== undefined) this.#close(kept);
  }

  #close({ ready }: Kept): void {
    ready.then(
      async ({ source, kept: { key } }) => {
        await this.#resources.release(key);
        await source.release();
      },
      () => undefined,
    );
  }

  async #openToKeep(source: MediaSource): Promise<Awaited<Kept["ready"]>> {
    const opened = await this.#open(source);
    const kept = new KeptReader(opened, `${opened.key}\0${this.#openKey}`, this.#resources.learnt);
    this.#resources.retain(kept.key);
    return { source: opened, kept };
  }

  /** Which version of a file it is, the worker tells: to ask here takes longer than all else that an item takes here. */
  async #open(source: MediaSource): Promise<OpenSource> {
    const options = { identify: false, readTimeoutMs: this.#readTimeoutMs };
    return await withSource(this.#resources, knownSource(source), options, this.#signal, async (opened) => opened);
  }

  #cameBefore(name: unknown): boolean {
    const seen = this.#seen.has(name);
    this.#seen.add(name);
    if (this.#seen.size > mostSeen) {
      const [oldest] = this.#seen;
      this.#seen.delete(oldest);
    }
    return seen;
  }
}

/** Equal for two items of one source. */
function nameOf(source: MediaSource): unknown {
  return source instanceof URL ? source.href : source;
}

function repeatedSources(items: readonly unknown[]): Set<unknown> {
  const once = new Set<unknown>();
  const repeated = new Set<unknown>();
  items.forEach((item, position) => {
    const name = tryName({ item, position, order: 0 });
    if (name === undefined) return;
    if (once.has(name)) repeated.add(name);
    else once.add(name);
  });
  return repeated;
}

/** undefined for what is no item: its error is told when its turn comes. */
function tryName(turn: Turn): unknown {
  try {
    return nameOf(readItem(turn));
  } catch {
    return undefined;
  }
}
