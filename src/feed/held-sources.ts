import type { RemoteSource } from "../sources/byte-source.js";
import type { KnownSource } from "../sources/media-source.js";
import { ByteBudget } from "../async/byte-budget.js";
import { type AskableSource, borrowed, remoteSource, versionOf } from "../sources/asked-source.js";

/** A source in use. */
export interface HeldRemote {
  readonly remote: RemoteSource;
  /** The registry's. */
  readonly id: number;
  /** Of bytes that are fetched for jobs: one source that stalls leaves the others their share of what there is for all. */
  readonly budget: ByteBudget;
}

/** Bytes of one source that are fetched for jobs which have not ended; one job is given as many at most. */
export const mostFetched = 32 * 2 ** 20;

/** Where sources are asked by number. */
export interface RemoteRegistry {
  register(source: RemoteSource): number;
  unregister(id: number): void;
  close(): void;
}

interface Entry extends HeldRemote {
  readonly object: object;
  readonly version: string;
  users: number;
}

/** The sources on this thread that somebody has in use: one object that is opened several times is one source. */
export class Remotes<R extends RemoteRegistry = RemoteRegistry> {
  readonly #entries: Entry[] = [];
  readonly #makeRegistry: () => R;
  #registry: R | undefined;

  /** `makeRegistry` is called when the first source is acquired. */
  constructor(makeRegistry: () => R) {
    this.#makeRegistry = makeRegistry;
  }

  get registry(): R {
    this.#registry ??= this.#makeRegistry();
    return this.#registry;
  }

  /** `make` makes the source of an object that is not in use in this version. */
  acquire(object: object, version: string, make: () => RemoteSource): HeldRemote {
    const found = this.#entries.find((entry) => entry.object === object && entry.version === version);
    if (found !== undefined) {
      found.users++;
      return found;
    }
    const remote = make();
    const entry = {
      object,
      version,
      remote,
      id: this.registry.register(remote),
      budget: new ByteBudget(mostFetched),
      users: 1,
    };
    this.#entries.push(entry);
    return entry;
  }

  async release({ id }: Pick<HeldRemote, "id">): Promise<void> {
    const at = this.#entries.findIndex((entry) => entry.id === id);
    const entry = this.#entries[at];
    if (entry === undefined || --entry.users > 0) return;
    this.#entries.splice(at, 1);
    this.#registry?.unregister(id);
    await entry.remote.close();
  }

  /** Once nobody reads any more. */
  async close(): Promise<void> {
    this.#registry?.close();
    this.#registry = undefined;
    for (const { remote } of this.#entries.splice(0)) await remote.close();
  }
}

export type RemoteKind = AskableSource | Extract<KnownSource, { kind: "http" | "remote" }>;

/** The source of what has to be asked for its bytes. */
export function acquireRemote(remotes: Remotes, known: RemoteKind, readTimeoutMs: number): HeldRemote {
  switch (known.kind) {
    case "http":
      return remotes.acquire(known.source, "", () => borrowed(known.source));
    case "remote":
      return remotes.acquire(known.source, "", () => known.source);
    default: {
      const version = `${String(readTimeoutMs)} ${versionOf(known)}`;
      return remotes.acquire(known.source, version, () => remoteSource(known, readTimeoutMs));
    }
  }
}
