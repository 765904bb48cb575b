import { FramepoolError } from "../../errors.js";
import { type Bell, Channel, type ChannelRequest, ChannelState, type HeldError } from "../../protocol/channel.js";
import type { RemoteSource } from "../../sources/byte-source.js";
import { encodeFailure } from "../../protocol/read-failure.js";

/** A request that this thread took and has not answered. */
interface Serving extends ChannelRequest {
  readonly controller: AbortController;
}

interface Client {
  readonly channel: Channel;
  serving: Serving | undefined;
  /** The last failure, kept so that the main thread can hand out the very same object. */
  failure: { readonly id: number; readonly error: unknown } | undefined;
}

/** Answers the workers' reads, on whichever thread the sources live. */
export class ChannelServer {
  readonly #bell: Bell;
  readonly #clients = new Map<number, Client>();
  readonly #sources = new Map<number, RemoteSource>();
  /** Memory for reads: never the channel's own, which may be another request's by the time an answer comes. */
  readonly #scratch: Uint8Array[] = [];
  readonly #refusal: FramepoolError;
  #nextSource = 1;
  #closed = false;

  /** `refusal`: what reads of a source that is not there fail with. */
  constructor(bell: Bell, refusal = new FramepoolError("E_CLOSED", "the source was closed")) {
    this.#bell = bell;
    this.#refusal = refusal;
    void this.#listen();
  }

  /** A slot's channel, before or after its first request. What another server took and left is taken over. */
  attach(slot: number, memory: SharedArrayBuffer): void {
    const channel = new Channel(memory);
    const { id, state } = channel.now();
    if (state === ChannelState.taken || state === ChannelState.writing) channel.step(id, state, ChannelState.requested);
    this.#clients.set(slot, { channel, serving: undefined, failure: undefined });
    this.#bell.ring();
  }

  /** An opened source; returns the id that requests name it by. */
  register(source: RemoteSource): number {
    const id = this.#nextSource++;
    this.#sources.set(id, source);
    return id;
  }

  unregister(id: number): void {
    this.#sources.delete(id);
    for (const { serving } of this.#clients.values()) if (serving?.source === id) abort(serving);
  }

  /** What a slot's read failed with. */
  causeOf(slot: number, token: number): HeldError | undefined {
    const failure = this.#clients.get(slot)?.failure;
    return failure?.id === token ? failure : undefined;
  }

  close(): void {
    this.#closed = true;
    for (const { serving } of this.#clients.values()) if (serving !== undefined) abort(serving);
    this.#clients.clear();
    this.#sources.clear();
    this.#bell.ring();
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      const count = this.#bell.count();
      for (const client of this.#clients.values()) this.#look(client);
      if (this.#bell.count() === count) await this.#bell.rungSince(count);
      // Workers that ask again at once would otherwise keep this thread from everything else.
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #look(client: Client): void {
    const { channel, serving } = client;
    const { id, state } = channel.now();
    if (serving !== undefined && (serving.id !== id || state === ChannelState.idle)) {
      abort(serving);
      client.serving = undefined;
    }
    if (state !== ChannelState.requested || !channel.step(id, ChannelState.requested, ChannelState.taken)) return;
    client.serving = { id, ...channel.readRequest(), controller: new AbortController() };
    void this.#serve(client, client.serving);
  }

  async #serve(client: Client, serving: Serving): Promise<void> {
    const scratch = this.#scratch.pop() ?? new Uint8Array(client.channel.data.length);
    let answer: Uint8Array;
    let failed = false;
    try {
      const target = scratch.subarray(0, Math.min(serving.length, scratch.length));
      const source = this.#sources.get(serving.source);
      if (source === undefined) throw this.#refusal;
      const reading = source.readInto(target, serving.position, serving.controller.signal);
      // What is there already is answered in this turn of the event loop.
      const count = typeof reading === "number" ? reading : await reading;
      answer = target.subarray(0, count);
      this.#scratch.push(scratch);
    } catch (error) {
      // Who gave up reading may still write into its memory: it is not used again.
      failed = true;
      if (client.serving === serving) client.failure = { id: serving.id, error };
      answer = encodeFailure(error, serving.id);
    }
    client.channel.answer(serving.id, answer, failed);
    if (client.serving === serving) client.serving = undefined;
  }
}

function abort({ controller }: Serving): void {
  controller.abort(new DOMException("nobody waits for these bytes any more", "AbortError"));
}
