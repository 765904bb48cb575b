import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { DecoderPool, connect, expose, transforms } from "../../src/index.js";
import { ClipLoader } from "../../src/loader/index.js";
import { poolSettings } from "../../src/pool/options.js";
import { LocalPool } from "../../src/local-pool.js";
import { PoolResources } from "../../src/pool/resources.js";
import { long, plain, slow, slowMkv } from "../api/support/clips.js";

/** All that a pool decodes has ended, and what follows from that is done. */
async function settled({ workers }: PoolResources): Promise<void> {
  while (workers.idle < workers.threads) await turn();
  for (let i = 0; i < 5; i++) await turn();
}

function poolOf(workers: number): { readonly pool: DecoderPool; readonly resources: PoolResources } {
  const resources = new PoolResources(poolSettings({ workers, memoryBudget: 2 ** 30 }));
  after(() => resources.close());
  return { pool: new DecoderPool(undefined, new LocalPool(resources)), resources };
}

/** Everything that was decoded ahead is over, and its memory free: nothing was left to V8. */
async function allGivenBack(resources: PoolResources, bytes: number): Promise<void> {
  await settled(resources);
  assert.equal(resources.ahead.free, resources.ahead.most);
  assert.ok(resources.memory.freeBytes >= bytes, `${String(resources.memory.freeBytes)} bytes are free`);
  assert.equal(resources.memory.heldBytes, 0);
}

const frameBytes = 96 * 64 * 3;

describe("memory of what nobody took", () => {
  it("of an extraction that is left", async () => {
    const { pool, resources } = poolOf(2);
    const requests = Array.from({ length: 4 }, () => ({ source: plain.path(), count: 10 }));
    for await (const { batch } of pool.extract(requests)) {
      assert.ok(batch !== undefined);
      // All that it begins at once are done, and not taken.
      await settled(resources);
      batch.release();
      break;
    }
    await allGivenBack(resources, 4 * 10 * frameBytes);
  });

  it("of an extraction that is left while its requests are under way", async () => {
    const { pool, resources } = poolOf(2);
    const requests = [plain.path(), ...new Array<string>(3).fill(slow.path())];
    for await (const { batch } of pool.extract(
      requests.map((source) => ({ source, count: 10 })),
      { ordered: true },
    )) {
      batch?.release();
      break;
    }
    await allGivenBack(resources, 10 * frameBytes);
  });

  it("of a loop that is left, at any of its frames", async () => {
    for (const left of [0, 1, 30]) {
      const { pool, resources } = poolOf(1);
      const video = await pool.openVideo(plain.path());
      for await (const frame of video) {
        frame.release();
        if (frame.index === left) break;
      }
      await allGivenBack(resources, plain.frames * frameBytes);
    }
  });

  it("of a loop that is left while pieces behind its own are decoded, or are there", async () => {
    const piece = 64;
    for (const waits of [false, true]) {
      const { pool, resources } = poolOf(1);
      const video = await pool.openVideo(long.path());
      for await (const frame of video) {
        frame.release();
        if (frame.index < piece) continue;
        assert.ok(resources.ahead.taken > piece * 64 * 48 * 3, "more than the piece that it is in");
        if (waits) await settled(resources);
        break;
      }
      await allGivenBack(resources, 2 * piece * 64 * 48 * 3);
    }
  });

  it("of a loop over frames far apart that is left", async () => {
    const { pool, resources } = poolOf(1);
    const video = await pool.openVideo(plain.path());
    for await (const frame of video.frames({ step: 24 })) {
      frame.release();
      break;
    }
    await allGivenBack(resources, frameBytes);
  });

  it("of a loop over batches far apart that is left when the next one is there", async () => {
    const { pool, resources } = poolOf(1);
    const video = await pool.openVideo(plain.path());
    for await (const batch of video.batches({ size: 1, step: 24 })) {
      await settled(resources);
      batch.release();
      break;
    }
    await allGivenBack(resources, 2 * frameBytes);
  });
});

describe("memory of a loader's batches over a connection", () => {
  const sampler = { type: "regularIndices", samplingRangeStart: -1, numFramesPerClip: 1 } as const;

  it("is the client's, and free once no worker writes into it any more, and not before", async () => {
    const { pool, resources } = poolOf(1);
    const { port1, port2 } = new MessageChannel();
    expose(pool, port1);
    const client = connect(port2);
    const { memory } = await DecoderPool.hostOf(client).clips(undefined);
    let running = 0;
    for (const path of [slow.path(), slowMkv(), slow.path(), slowMkv()]) {
      const controller = new AbortController();
      const loader = new ClipLoader({
        pool: client,
        items: [path],
        sampler,
        transforms: [transforms.resize([64, 96])],
        signal: controller.signal,
      });
      const passed = loader[Symbol.asyncIterator]().next();
      while (resources.workers.idle === resources.workers.threads) await turn();
      const before = memory.freeBytes;
      controller.abort();
      await assert.rejects(passed);
      while (resources.workers.idle < resources.workers.threads) {
        assert.ok(memory.freeBytes <= before);
        running++;
        await turn();
      }
      while (memory.freeBytes <= before) await turn();
    }
    assert.ok(running > 0, "workers went on after their caller was told");
    assert.equal(resources.memory.freeBytes, 0, "nothing of it is the pool's");
    await client.close();
    assert.equal(memory.freeBytes, 0);
    port1.close();
  });
});

describe("memory of a request that is aborted", () => {
  it("is free once no worker writes into it any more, and not before", async () => {
    const { pool, resources } = poolOf(2);
    const video = await pool.openVideo(slow.path());
    let running = 0;
    for (let round = 0; round < 10; round++) {
      const controller = new AbortController();
      const wanted = video.getFramesAt([500 + round, 510 + round], { signal: controller.signal });
      while (resources.workers.idle === resources.workers.threads) await turn();
      const before = resources.memory.freeBytes;
      controller.abort();
      await assert.rejects(wanted);
      while (resources.workers.idle < resources.workers.threads) {
        assert.ok(resources.memory.freeBytes <= before);
        running++;
        await turn();
      }
      await settled(resources);
      assert.ok(resources.memory.freeBytes > before, "it was given back");
    }
    assert.ok(running > 0, "workers went on after their caller was told");
  });
});
