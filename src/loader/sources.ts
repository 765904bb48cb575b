import { type MediaSource, knownSource } from "../sources/media-source.js";
import type { ClipHost, ClipSource } from "../pool/clip-host.js";
import { type Turn, readItem } from "./items.js";
import type { LoaderSettings } from "./options.js";

/** A source, ready for a worker. */
interface ReadySource {
  readonly source: ClipSource;
  /** To be called once no worker reads it for this item any more. */
  readonly done: () => void;
}

/** A source that comes again. */
interface Kept {
  readonly source: Promise<ClipSource>;
  /** Items that are read from it now. */
  users: number;
  /** See ClipSource; false until it is open. */
  isRemote: boolean;
}

/** Sources that are kept while no item is read from them, for each worker: about as many as it has open decoders for. */
const idlePerWorker = 64;
/** Remote ones: each has a cache of its own. */
const mostIdleRemotes = 8;
/** Sources of items that are no array, remembered, to notice that one comes back. */
const mostSeen = 65_536;

/**
 * The sources of a data set. Those that occur more than once stay open in the workers, as far as their budget goes. While
 * one is kept it is identified once: if it changes, that is the error E_SOURCE_CHANGED.
 */
export class LoaderSources {
  readonly #host: ClipHost;
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

  /** `openKey`: readers of a source that are opened with equal ones are the same. */
  constructor(host: ClipHost, { items, readTimeoutMs }: LoaderSettings, openKey: string, signal: AbortSignal) {
    this.#host = host;
    this.#readTimeoutMs = readTimeoutMs;
    this.#signal = signal;
    this.#openKey = openKey;
    this.#repeated = Array.isArray(items) ? repeatedSources(items as readonly unknown[]) : undefined;
  }

  async ready(source: MediaSource): Promise<ReadySource> {
    const name = nameOf(source);
    const popular = this.#repeated === undefined ? this.#cameBefore(name) : this.#repeated.has(name);
    if (!popular) {
      const opened = await this.#open(source, undefined);
      return { source: opened, done: () => void opened.release() };
    }
    const kept = this.#popular.get(name) ?? this.#keep(source, name);
    this.#idle.delete(name);
    this.#idleRemotes.delete(name);
    kept.users++;
    const done = (): void => {
      kept.users--;
      if (kept.users === 0) this.#rest(name, kept);
    };
    return { source: await kept.source, done };
  }

  /** Closes what was kept open. */
  close(): void {
    for (const kept of this.#popular.values()) this.#close(kept);
    this.#popular.clear();
    this.#idle.clear();
    this.#idleRemotes.clear();
  }

  #keep(source: MediaSource, name: unknown): Kept {
    const kept: Kept = { source: this.#open(source, this.#openKey), users: 0, isRemote: false };
    this.#popular.set(name, kept);
    kept.source.then(
      ({ isRemote }) => (kept.isRemote = isRemote),
      // One that is not there now may be there for a later item.
      () => this.#popular.delete(name),
    );
    return kept;
  }

  /** Nothing is read from it now: it may be the next one's, or push out the one that has waited longest. */
  #rest(name: unknown, { isRemote }: Kept): void {
    const idle = isRemote ? this.#idleRemotes : this.#idle;
    idle.add(name);
    if (idle.size <= (isRemote ? mostIdleRemotes : idlePerWorker * this.#host.workers)) return;
    const [oldest] = idle;
    const kept = this.#popular.get(oldest);
    idle.delete(oldest);
    this.#popular.delete(oldest);
    if (kept !== undefined) this.#close(kept);
  }

  #close({ source }: Kept): void {
    source.then(
      (opened) => opened.release(),
      () => undefined,
    );
  }

  async #open(source: MediaSource, keptAs: string | undefined): Promise<ClipSource> {
    const options = { readTimeoutMs: this.#readTimeoutMs, keptAs };
    return await this.#host.open(knownSource(source), options, this.#signal);
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
