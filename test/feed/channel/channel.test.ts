import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { LocalChannel } from "../../../src/feed/channel/local-channel.js";
import { Bell, Channel, ChannelState } from "../../../src/protocol/channel.js";
import type { RemoteSource } from "../../../src/sources/byte-source.js";
import { stress } from "./stress.js";

/** A source whose reads the test answers. */
class Held implements RemoteSource {
  readonly label = "held";
  readonly reads: { target: Uint8Array; position: number; signal: AbortSignal; answer: (count: number) => void }[] = [];
  open = () => Promise.resolve({ size: 1000, key: undefined, coming: 0 });
  share = () => Promise.resolve([]);
  close = () => undefined;

  readInto(target: Uint8Array, position: number, signal: AbortSignal): Promise<number> {
    return new Promise((answer) => this.reads.push({ target, position, signal, answer }));
  }
}

/** A channel whose worker is the test: it never blocks. */
function setUp(): { held: Held; channel: LocalChannel; worker: Channel; bell: Bell; id: number } {
  const channel = new LocalChannel();
  const held = new Held();
  const id = channel.register(held);
  const { memory, bell } = channel.forSlot(0);
  return { held, channel, worker: new Channel(memory), bell: new Bell(bell), id };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe("the request channel", () => {
  it("loses nothing and mixes nothing in a hundred thousand round trips of four workers, some given up", async () => {
    const { answered, cancelled, failed, wrong } = await stress(100_000, 4);
    assert.equal(wrong, 0);
    assert.equal(answered + cancelled + failed, 100_000);
    assert.ok(cancelled > 1000 && failed > 500, "it is about those too");
  });

  it("carries positions beyond 32 bits", async () => {
    const { held, channel, worker, bell, id } = setUp();
    worker.request(id, 2 ** 52 + 3, 10);
    bell.ring();
    await until(() => held.reads.length === 1);
    assert.equal(held.reads[0]?.position, 2 ** 52 + 3);
    assert.equal(held.reads[0].target.length, 10);
    channel.close();
  });

  it("drops an answer that comes after its worker gave up, and tells the source", async () => {
    const { held, channel, worker, bell, id } = setUp();
    const first = worker.request(id, 100, 4);
    bell.ring();
    await until(() => held.reads.length === 1);
    assert.ok(worker.step(first, ChannelState.taken, ChannelState.idle));
    worker.data.fill(9, 0, 8);
    const second = worker.request(id, 200, 4);
    bell.ring();
    await until(() => held.reads.length === 2);
    assert.ok(held.reads[0]?.signal.aborted, "nobody waits for it");
    assert.equal(held.reads[1]?.signal.aborted, false);
    held.reads[0].target.fill(1);
    held.reads[0].answer(4);
    await turn();
    assert.deepEqual(worker.now(), { id: second, state: ChannelState.taken });
    assert.deepEqual([...worker.data.subarray(0, 8)], Array<number>(8).fill(9), "not a byte of it was written");
    held.reads[1].target.fill(2);
    held.reads[1].answer(3);
    await until(() => worker.now().state === ChannelState.answered);
    assert.equal(worker.result(), 3);
    assert.deepEqual([...worker.data.subarray(0, 4)], [2, 2, 2, 9]);
    channel.close();
  });

  it("gives up what a worker that died had asked for; its successor goes on with the channel", async () => {
    const { held, channel, worker, bell, id } = setUp();
    worker.request(id, 100, 4);
    bell.ring();
    await until(() => held.reads.length === 1);
    channel.abandon(0);
    assert.equal(worker.now().state, ChannelState.idle);
    await until(() => held.reads[0]?.signal.aborted === true);
    worker.request(id, 300, 4);
    bell.ring();
    await until(() => held.reads.length === 2);
    channel.close();
    assert.ok(held.reads[1]?.signal.aborted, "closing ends reads too");
  });

  it("keeps a source's error for the thread that asks for it by its token", async () => {
    const channel = new LocalChannel();
    const own = new RangeError("mine");
    const failing: RemoteSource = Object.assign(new Held(), { readInto: () => Promise.reject(own) });
    const id = channel.register(failing);
    const { memory, bell } = channel.forSlot(5);
    const worker = new Channel(memory);
    const token = worker.request(id, 0, 1);
    new Bell(bell).ring();
    await until(() => worker.now().state === ChannelState.answered);
    assert.ok(worker.result() < 0);
    const text = new TextDecoder().decode(worker.data.slice(0, -1 - worker.result()));
    assert.match(text, /"code":"E_IO","reason":"the source failed: mine"/);
    assert.equal(channel.causeOf(5, token)?.error, own);
    assert.equal(channel.causeOf(5, token + 1), undefined);
    assert.equal(channel.causeOf(4, token), undefined);
    channel.close();
  });
});
