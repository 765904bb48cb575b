import { Bell, Channel, type ChannelRef, ChannelState, channelMemory } from "../../protocol/channel.js";

/** The channels of the pool's slots to one server, made as they are needed. Lives on the main thread. */
export abstract class SlotChannels {
  protected readonly bell = new Bell();
  readonly #memory = new Map<number, SharedArrayBuffer>();

  /** Tells the server, wherever it runs, of a slot that will ask it. */
  protected abstract attach(slot: number, memory: SharedArrayBuffer): void;

  forSlot(slot: number): ChannelRef {
    let memory = this.#memory.get(slot);
    if (memory === undefined) {
      memory = channelMemory();
      this.#memory.set(slot, memory);
      this.attach(slot, memory);
    }
    return { memory, bell: this.bell.memory };
  }

  /** The slot's worker died: its successor goes on with the channel, and the server is told that nobody waits. */
  abandon(slot: number): void {
    const memory = this.#memory.get(slot);
    if (memory === undefined) return;
    const channel = new Channel(memory);
    const { id, state } = channel.now();
    channel.step(id, state, ChannelState.idle);
    this.bell.ring();
  }

  /** Another server takes over. */
  protected attachAll(): void {
    for (const [slot, memory] of this.#memory) this.attach(slot, memory);
  }

  /** A blocked worker is to look at its cancel flag. */
  wake(slot: number): void {
    const memory = this.#memory.get(slot);
    if (memory !== undefined) new Channel(memory).wake();
  }
}
