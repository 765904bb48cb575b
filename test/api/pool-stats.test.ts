import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import {
  DecoderPool,
  FramepoolTypeError,
  VideoDecoder,
  closeDefaultPool,
  configureDefaultPool,
  connect,
  expose,
} from "../../src/index.js";
import { plain, plainMkv, slow } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

describe("pool.stats", () => {
  it("tells threads, jobs at work and waiting, readers and bytes, and nothing once all is given back", async () => {
    const pool = new DecoderPool({ workers: 1 });
    const nothing = { held: 0, free: 0, ahead: 0, fetched: 0, indices: 0 };
    assert.deepEqual(pool.stats, { threads: 0, busy: 0, queued: 0, openReaders: 0, bytes: nothing });
    const video = await pool.openVideo(plain.path());
    const batch = await video.getFramesAt([0, 1, 2]);
    const { threads, busy, queued, openReaders, bytes } = pool.stats;
    assert.deepEqual([threads, busy, queued, openReaders], [1, 0, 0, 1]);
    assert.ok(bytes.held >= batch.data.length && bytes.free === 0 && bytes.indices > 0, JSON.stringify(bytes));
    const { length } = batch.data;
    batch.release();
    assert.equal(pool.stats.bytes.held, 0);
    assert.ok(pool.stats.bytes.free >= length);

    const long = await pool.openVideo(slow.path());
    const stop = new AbortController();
    const asked = [599, 598].map((frame) => long.getFrameAt(frame, { signal: stop.signal }));
    const other = pool.openVideo(plainMkv(), { signal: stop.signal });
    let over = false;
    void asked[0]?.then(
      () => (over = true),
      () => undefined,
    );
    while (pool.stats.queued === 0) {
      assert.ok(!over, "nothing waited for the only worker");
      await turn();
    }
    assert.equal(pool.stats.busy, 1);
    stop.abort();
    await Promise.allSettled([...asked, other]);
    for await (const frame of video.frames()) {
      assert.ok(pool.stats.bytes.ahead > 0);
      frame.release();
      break;
    }
    await Promise.all([video.close(), long.close()]);
    // The opening that was given up closes what its worker may have opened by then.
    for (let i = 0; pool.stats.openReaders > 0; i++) {
      assert.ok(i < 100_000, `${String(pool.stats.openReaders)} are open`);
      await turn();
    }
    assert.equal(pool.stats.bytes.ahead, 0);
    await pool.close();
    assert.equal(pool.stats.threads, 0);
  });

  it("shows one reader of a file whose frames are asked for in turn: the worker that has it open goes on with it", async () => {
    const pool = testPool({ workers: 2 });
    const long = await pool.openVideo(slow.path());
    const stop = new AbortController();
    const asked = long.getFrameAt(599, { signal: stop.signal });
    const isBusy = (): boolean => pool.stats.busy > 0;
    while (!isBusy()) await turn();
    // The first worker, which a job goes to where none is preferred, has something to do: this one is another's.
    const video = await pool.openVideo(plainMkv());
    assert.equal(pool.stats.busy, 1, "the first worker was free again");
    stop.abort();
    await Promise.allSettled([asked]);
    while (isBusy()) await turn();
    const { openReaders } = pool.stats;
    for (const frame of [40, 3, 20]) (await video.getFrameAt(frame)).release();
    assert.equal(pool.stats.openReaders, openReaders);
    await Promise.all([video.close(), long.close()]);
  });

  it("counts memory that was forgotten until it is collected", async () => {
    const pool = testPool();
    const video = await pool.openVideo(plain.path());
    await (async () => {
      await video.getAllFrames();
    })();
    for (let i = 0; pool.stats.bytes.held > 0; i++) {
      assert.ok(i < 200, `${String(pool.stats.bytes.held)} bytes are held`);
      globalThis.gc?.();
      await turn();
    }
    await video.close();
  });

  it("of a connected pool are asked for where it was made", async () => {
    const { port1, port2 } = new MessageChannel();
    const exposure = expose(testPool(), port1);
    const far = connect(port2);
    assert.throws(() => far.stats, FramepoolTypeError);
    await far.close();
    exposure.close();
  });
});

describe("the default pool", () => {
  it("is made as it was configured before its first use, closed, and made again alike", async () => {
    assert.throws(() => {
      configureDefaultPool({ workers: 0 });
    }, FramepoolTypeError);
    configureDefaultPool({ workers: 2 });
    configureDefaultPool({ workers: 1, limits: { maxPixels: 100 } });
    for (const again of [false, true]) {
      await rejection(VideoDecoder.open(plain.path()), "E_LIMIT");
      assert.throws(
        () => {
          configureDefaultPool({ workers: 1 });
        },
        { code: "E_POOL_IN_USE" },
        String(again),
      );
      await closeDefaultPool();
    }
    configureDefaultPool({});
    const video = await VideoDecoder.open(readFileSync(plain.path()));
    await closeDefaultPool();
    await closeDefaultPool();
    await rejection(video.getFrameAt(0), "E_CLOSED");
    const other = await VideoDecoder.open(plain.path());
    assert.equal((await other.getFrameAt(3)).index, 3);
  });
});
