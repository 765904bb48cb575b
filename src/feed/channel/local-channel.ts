import type { HeldError, JobChannel } from "../../protocol/channel.js";
import type { RemoteSource } from "../../sources/byte-source.js";
import { ChannelServer } from "./server.js";
import { SlotChannels } from "./slot-channels.js";

/** Sources that live on this thread, for the pool's workers. */
export class LocalChannel extends SlotChannels implements JobChannel {
  readonly #server = new ChannelServer(this.bell);

  register(source: RemoteSource): number {
    return this.#server.register(source);
  }

  unregister(id: number): void {
    this.#server.unregister(id);
  }

  causeOf(slot: number, token: number): HeldError | undefined {
    return this.#server.causeOf(slot, token);
  }

  close(): void {
    this.#server.close();
  }

  protected override attach(slot: number, memory: SharedArrayBuffer): void {
    this.#server.attach(slot, memory);
  }
}
