import type { ChannelRef, HeldError, JobChannel } from "../../protocol/channel.js";
import type { RemoteSource } from "../../sources/byte-source.js";
import { ChannelServer } from "./server.js";
import { SlotChannels } from "./slot-channels.js";

/** Sources that live on this thread, for the pool's workers. */
export class LocalChannel implements JobChannel {
  readonly #slots: SlotChannels;
  readonly #server: ChannelServer;

  constructor() {
    this.#slots = new SlotChannels((slot, memory) => {
      this.#server.attach(slot, memory);
    });
    this.#server = new ChannelServer(this.#slots.bell);
  }

  register(source: RemoteSource): number {
    return this.#server.register(source);
  }

  unregister(id: number): void {
    this.#server.unregister(id);
  }

  forSlot(slot: number): ChannelRef {
    return this.#slots.forSlot(slot);
  }

  wake(slot: number): void {
    this.#slots.wake(slot);
  }

  abandon(slot: number): void {
    this.#slots.abandon(slot);
  }

  causeOf(slot: number, token: number): HeldError | undefined {
    return this.#server.causeOf(slot, token);
  }

  close(): void {
    this.#server.close();
  }
}
