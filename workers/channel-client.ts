import { Bell, Channel, type ChannelRef, ChannelState, type ReadFailure } from "../src/protocol/channel.js";

/** How long a worker sleeps before it looks at its cancel flag by itself: a wake that came just before is not seen. */
const sliceMs = 25;
/** A wait that is long enough for the pool to run something else beside it. */
const longMs = 50;

export interface Waiting {
  cancelled(): boolean;
  /** Tells the pool that this worker only waits, or that it works again. */
  stalled(on: boolean): void;
  /** For a server that does not answer at all: a source that is slow has its own deadline, on its thread. */
  readonly patienceMs: number;
}

/** Bytes in the channel's data, or why there are none. */
type ReadOutcome = number | "cancelled" | ReadFailure;

/** The worker's end of its slot's channel to one server. */
export class ChannelClient {
  readonly #channel: Channel;
  readonly #bell: Bell;

  constructor({ memory, bell }: ChannelRef) {
    this.#channel = new Channel(memory);
    this.#bell = new Bell(bell);
  }

  get data(): Uint8Array {
    return this.#channel.data;
  }

  /** Asks for bytes and blocks until they are there. */
  read(source: number, position: number, length: number, waiting: Waiting): ReadOutcome {
    const channel = this.#channel;
    const id = channel.request(source, position, Math.min(length, channel.data.length));
    this.#bell.ring();
    const began = performance.now();
    let long = false;
    try {
      for (;;) {
        const { state } = channel.now();
        if (state === ChannelState.answered) break;
        const waited = performance.now() - began;
        const cancelled = waiting.cancelled();
        if ((cancelled || waited > waiting.patienceMs) && state !== ChannelState.writing) {
          if (!channel.step(id, state, ChannelState.idle)) continue;
          this.#bell.ring();
          return cancelled ? "cancelled" : unanswered(waited);
        }
        if (!long && waited > longMs) waiting.stalled((long = true));
        channel.waitWhile(id, state, sliceMs);
      }
    } finally {
      if (long) waiting.stalled(false);
    }
    const result = channel.result();
    const outcome = result >= 0 ? result : this.#failure(-1 - result);
    channel.step(id, ChannelState.answered, ChannelState.idle);
    return outcome;
  }

  #failure(bytes: number): ReadFailure {
    // TextDecoder refuses shared memory.
    return JSON.parse(new TextDecoder().decode(this.data.slice(0, bytes))) as ReadFailure;
  }
}

function unanswered(waited: number): ReadFailure {
  const reason = `the thread that reads the source has not answered for ${(waited / 1000).toFixed(1)} s`;
  return { code: "E_TIMEOUT", reason, token: -1 };
}
