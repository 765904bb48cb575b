import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { type DecoderPool, connect, expose } from "../../src/index.js";
import { AudioClipLoader, ClipLoader } from "../../src/loader/index.js";
import { plain, slow, sound } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { ItemStream, copies, heard, seen } from "./support/loader.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { connected, userThread } from "./support/user-thread.js";

const files = copies(plain.path(), 10, temporaryFolder());
const sampler = { type: "randomIndices", numClips: 2, numFramesPerClip: 3, seed: 2 } as const;
const soundSampler = { type: "randomTimestamps", numClips: 3, secondsPerClip: 0.2, seed: 1 } as const;
const soundOptions = { sampler: soundSampler, sampleRate: 16_000, numChannels: 1 };

describe("a loader over a connection that is left", () => {
  const pool = testPool({ workers: 1 });
  const client = connected(pool);
  const last = { type: "regularIndices", samplingRangeStart: -1, numFramesPerClip: 1 } as const;

  it("frees the worker, and closes the source of items", async () => {
    const items = new ItemStream([plain.path(), slow.path(), slow.path(), slow.path()]);
    assert.equal((await seen(new ClipLoader({ pool: client, items, sampler: last, batchSize: 1 }), 1)).length, 1);
    while (!items.left) await turn();
    assert.equal((await (await client.openVideo(plain.path())).getFrameAt(1)).index, 1);
  });

  it("by a signal rejects with its very reason, and nothing counts as skipped", async () => {
    const controller = new AbortController();
    const reason = { why: "enough" };
    const { signal } = controller;
    const loader = new ClipLoader({ pool: client, items: [slow.path()], sampler: last, signal, onError: "skip" });
    const iterate = seen(loader);
    iterate.catch(() => undefined);
    for (let i = 0; i < 5; i++) await turn();
    controller.abort(reason);
    await rejectsWith(iterate, reason);
    await rejectsWith(seen(new ClipLoader({ pool: client, items: files, sampler, signal })), reason);
    assert.equal((await seen(new ClipLoader({ pool: client, items: files, sampler }))).length, 20);
    assert.deepEqual([loader.stats.skipped, loader.stats.failures], [0, []]);
  });

  it("goes with its thread", async () => {
    const { worker, said } = userThread(pool, "be in the middle of a data set", slow.path());
    assert.equal(await said(), "in the middle");
    await worker.terminate();
    assert.equal((await (await pool.openVideo(plain.path())).getFrameAt(1)).index, 1);
  });
});

const ways: Readonly<
  Record<string, (ends: { pool: DecoderPool; client: DecoderPool; channel: MessageChannel }) => Promise<void> | void>
> = {
  "the pool is closed": ({ pool }) => pool.close(),
  "the client is closed": ({ client }) => client.close(),
  "the exposed endpoint is closed": ({ channel }) => channel.port1.close(),
  "the connected endpoint is closed": ({ channel }) => channel.port2.close(),
};
for (const [name, close] of Object.entries(ways)) {
  describe(`when ${name}`, () => {
    for (const onError of ["throw", "skip", "replace"] as const) {
      it(`loaders end with E_CLOSED, whatever they do with bad items (${onError})`, async () => {
        const pool = testPool({ workers: 1 });
        const channel = new MessageChannel();
        expose(pool, channel.port1);
        const client = connect(channel.port2);
        const items = [plain.path(), ...new Array<string>(20).fill(slow.path())];
        const loader = new ClipLoader({ pool: client, items, sampler: { ...sampler, numClips: 1 }, onError });
        const loop = loader[Symbol.asyncIterator]();
        const first = await loop.next();
        assert.ok(first.done !== true);
        const before = first.value.data.slice();
        const rest = loop.next();
        rest.catch(() => undefined);
        await turn();
        await close({ pool, client, channel });
        const got = await rest.then(
          () => seenRest(loop),
          (error: unknown) => error,
        );
        assert.equal((got as { code?: string }).code, "E_CLOSED");
        await rejection(seen(loader), "E_CLOSED");
        const audio = new AudioClipLoader({ pool: client, items: [sound()], ...soundOptions, onError });
        await rejection(heard(audio), "E_CLOSED");
        assert.deepEqual(first.value.data, before, "what was taken stays as it is");
        first.value.release();
      });
    }
  });
}

/** How a loop ends. */
async function seenRest(loop: AsyncGenerator<unknown, void, undefined>): Promise<unknown> {
  try {
    while ((await loop.next()).done !== true);
    return "it ended";
  } catch (error) {
    return error;
  }
}
