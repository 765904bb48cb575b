/**
 * The request channel: how a worker that is deep inside FFmpeg gets bytes from another thread, which may be asynchronous.
 *
 * Each of the pool's slots has one channel (a SharedArrayBuffer) to each server, and a server has one bell that all of its
 * channels ring. The worker writes a request, rings and blocks in Atomics.wait; the server, which listens with
 * Atomics.waitAsync, writes the answer and wakes it. The state word holds the request's id too, so that every step is one
 * compare-and-exchange that fails on a request that is not the current one any more:
 *
 *   IDLE ──worker──> REQUESTED ──server──> TAKEN ──server──> WRITING ──server──> ANSWERED ──worker──> IDLE
 *                        │                   │
 *                        └─────worker────────┴──> IDLE   gave up: cancelled, or the deadline has passed
 *
 * - The request words are the worker's in IDLE, the server's to read in REQUESTED and TAKEN.
 * - The answer words and the data are the server's in WRITING only, the worker's in ANSWERED and IDLE. WRITING lasts for one
 *   copy of memory and never waits for anybody, so the worker cannot give up there and need not.
 * - A late answer finds another id, or IDLE: its exchange TAKEN -> WRITING fails and it is dropped before it writes a byte.
 * - When a worker dies, the main thread puts its channel to IDLE; the slot's next worker goes on with the next id.
 * - When the server's thread dies, another server puts what is TAKEN or WRITING back to REQUESTED, and answers it.
 */

/** Bytes of data that one answer carries at most; a longer read goes on with the next request. */
const channelDataBytes = 2 ** 20;

const headerBytes = 64;
const stateBits = 3;

export const ChannelState = { idle: 0, requested: 1, taken: 2, writing: 3, answered: 4 } as const;
export type ChannelState = (typeof ChannelState)[keyof typeof ChannelState];

const word = { state: 0, source: 1, positionLow: 2, positionHigh: 3, length: 4, result: 5 } as const;
const ids = 2 ** (32 - stateBits);

/** What a worker needs to use its slot's channel. */
export interface ChannelRef {
  readonly memory: SharedArrayBuffer;
  readonly bell: SharedArrayBuffer;
}

export interface ChannelRequest {
  readonly id: number;
  readonly source: number;
  readonly position: number;
  /** 1 to channelDataBytes. */
  readonly length: number;
}

export function channelMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + channelDataBytes);
}

/** One end of a channel; both threads make their own over the same memory. */
export class Channel {
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, headerBytes / 4);
    this.data = new Uint8Array(memory, headerBytes, channelDataBytes);
  }

  /** Who is asking, and how far it is. */
  now(): { readonly id: number; readonly state: ChannelState } {
    const packed = Atomics.load(this.#words, word.state);
    return { id: packed >>> stateBits, state: (packed & (2 ** stateBits - 1)) as ChannelState };
  }

  /** One step of the diagram; false when the channel is not there (any more). */
  step(id: number, from: ChannelState, to: ChannelState): boolean {
    const expected = pack(id, from);
    return Atomics.compareExchange(this.#words, word.state, expected, pack(id, to)) === expected;
  }

  // --- The worker's side ---------------------------------------------------------------------------------------

  /** IDLE -> REQUESTED; returns the request's id. */
  request(source: number, position: number, length: number): number {
    const id = (this.now().id + 1) % ids;
    this.#words[word.source] = source;
    this.#words[word.positionLow] = position | 0;
    this.#words[word.positionHigh] = Math.floor(position / 2 ** 32);
    this.#words[word.length] = length;
    Atomics.store(this.#words, word.state, pack(id, ChannelState.requested));
    return id;
  }

  /** Blocks while the channel is in a state, at most so long. */
  waitWhile(id: number, state: ChannelState, milliseconds: number): void {
    Atomics.wait(this.#words, word.state, pack(id, state), milliseconds);
  }

  /** In ANSWERED: bytes in `data`; or, negative, -1 - bytes of text in `data` that says why there are none. */
  result(): number {
    return this.#words[word.result] ?? 0;
  }

  // --- The server's side ---------------------------------------------------------------------------------------

  /** In REQUESTED and TAKEN. */
  readRequest(): Omit<ChannelRequest, "id"> {
    const low = this.#words[word.positionLow] ?? 0;
    const high = this.#words[word.positionHigh] ?? 0;
    return {
      source: this.#words[word.source] ?? 0,
      position: high * 2 ** 32 + (low >>> 0),
      length: this.#words[word.length] ?? 0,
    };
  }

  /** TAKEN -> WRITING -> ANSWERED; false, and nothing written, when nobody waits for this answer any more. */
  answer(id: number, bytes: Uint8Array, failed: boolean): boolean {
    if (!this.step(id, ChannelState.taken, ChannelState.writing)) return false;
    this.data.set(bytes);
    this.#words[word.result] = failed ? -1 - bytes.length : bytes.length;
    this.step(id, ChannelState.writing, ChannelState.answered);
    this.wake();
    return true;
  }

  /** Has a blocked worker look again: at the answer, or at its cancel flag. */
  wake(): void {
    Atomics.notify(this.#words, word.state);
  }
}

function pack(id: number, state: ChannelState): number {
  return (id << stateBits) | state;
}

/** Rung by workers, listened to by one server. */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#word = new Int32Array(memory);
  }

  ring(): void {
    Atomics.add(this.#word, 0, 1);
    Atomics.notify(this.#word, 0);
  }

  /** How often it has rung. */
  count(): number {
    return Atomics.load(this.#word, 0);
  }

  /** Resolves once it has rung more often than that. Does not keep the process alive. */
  async rungSince(count: number): Promise<void> {
    const waiting = Atomics.waitAsync(this.#word, 0, count);
    if (waiting.async) await waiting.value;
  }
}

/** Why a read failed, as it crosses threads. */
export interface ReadFailure {
  readonly code: string;
  readonly reason: string;
  /** Looks the source's own error up where the server runs on the main thread. */
  readonly token: number;
  /** The source's own error, for when it cannot be had by identity. */
  readonly cause?: { readonly name: string; readonly message: string; readonly stack?: string; readonly code?: string };
}

/** The pool's view of a server, wherever it runs. */
export interface JobChannel {
  /** The slot's channel, made when it is first asked for. */
  forSlot(slot: number): ChannelRef;
  /** A blocked worker is to look at its cancel flag. */
  wake(slot: number): void;
  /** The slot's worker died: what it waited for is not wanted any more. */
  abandon(slot: number): void;
  /** The error object behind a failure, when this thread has it. */
  causeOf(slot: number, token: number): HeldError | undefined;
}

/** What a source threw, which may be anything, undefined too. */
export interface HeldError {
  readonly error: unknown;
}
