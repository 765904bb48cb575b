import { LocalChannel } from "../channel/local-channel.js";
import type { RemoteSource } from "../sources/byte-source.js";

/** A source in use. */
export interface HeldRemote {
  readonly remote: RemoteSource;
  /** The channel server's. */
  readonly id: number;
}

interface Entry extends HeldRemote {
  readonly object: object;
  readonly version: string;
  users: number;
}

/** The sources on this thread that a pool has in use: one object that is opened several times is one source. */
export class Remotes {
  readonly #entries: Entry[] = [];
  #channel: LocalChannel | undefined;

  get channel(): LocalChannel {
    this.#channel ??= new LocalChannel();
    return this.#channel;
  }

  /** `make` makes the source of an object that is not in use in this version. */
  acquire(object: object, version: string, make: () => RemoteSource): HeldRemote {
    const found = this.#entries.find((entry) => entry.object === object && entry.version === version);
    if (found !== undefined) {
      found.users++;
      return found;
    }
    const remote = make();
    const entry = { object, version, remote, id: this.channel.register(remote), users: 1 };
    this.#entries.push(entry);
    return entry;
  }

  async release({ id }: HeldRemote): Promise<void> {
    const at = this.#entries.findIndex((entry) => entry.id === id);
    const entry = this.#entries[at];
    if (entry === undefined || --entry.users > 0) return;
    this.#entries.splice(at, 1);
    this.#channel?.unregister(id);
    await entry.remote.close();
  }

  /** Once no worker reads any more. */
  async close(): Promise<void> {
    this.#channel?.close();
    this.#channel = undefined;
    for (const { remote } of this.#entries.splice(0)) await remote.close();
  }
}
