import assert from "node:assert/strict";
import { once } from "node:events";
import { after, beforeEach, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { DecoderPool, type FramepoolError, type VideoDecoder } from "../../src/index.js";
import { plain, slow } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { rejection } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { killAll, workers } from "./support/worker-threads.js";

describe("a worker that dies", () => {
  const opened: DecoderPool[] = [];
  let pool: DecoderPool;
  let video: VideoDecoder;
  beforeEach(async () => {
    for (const old of opened.splice(0)) await old.close();
    assert.equal(workers.size, 0, "closing a pool ends its threads");
    pool = new DecoderPool({ workers: 2 });
    opened.push(pool);
    video = await pool.openVideo(slow.path());
  });
  after(() => pool.close());

  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    getFrameAt: () => video.getFrameAt(-1),
    getFramesAt: () => video.getFramesAt([0, -1]),
    getAllFrames: () => video.getAllFrames({ fps: 1 }),
    frames: () => collect(video.frames({ step: 200 })),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`ends ${name} with E_WORKER_LOST, and the next call works`, async () => {
      const pending = call();
      pending.catch(() => undefined);
      await turn();
      await killAll();
      const error = await rejection(pending, "E_WORKER_LOST");
      assert.equal(error.source, slow.path());
      assert.equal((await video.getFrameAt(2)).index, 2);
      const other = await pool.openVideo(plain.path());
      assert.equal((await other.getAllFrames()).length, plain.frames);
    });
  }

  it("is not missed while it has nothing to do", async () => {
    const expected = digest(await video.getFrameAt(3));
    await killAll();
    assert.equal(digest(await video.getFrameAt(3)), expected);
  });

  it("takes only its own jobs along: those that wait are done by others", async () => {
    const clip = await pool.openVideo(plain.path());
    // Two decoders: what is asked of one at the same time is one pass.
    const again = await pool.openVideo(slow.path());
    const long = [video.getFrameAt(-1), again.getFrameAt(-2)];
    const waiting = Array.from({ length: 10 }, (_, i) => clip.getFrameAt(i));
    const outcomes = Promise.allSettled(long);
    await turn();
    await killAll();
    const codes = (await outcomes).map((outcome) =>
      outcome.status === "rejected" ? (outcome.reason as FramepoolError).code : outcome.value.index,
    );
    assert.ok(codes.includes("E_WORKER_LOST"), codes.join());
    // The other one may have waited for a thread that was still starting.
    assert.ok(codes.every((code) => code === "E_WORKER_LOST" || code === slow.frames - 2));
    const frames = await Promise.all(waiting);
    assert.deepEqual(
      frames.map(({ index }) => index),
      [...waiting.keys()],
    );
  });

  it("is one result's error in bulk, and the others come", async () => {
    const requests = [
      { source: slow.path(), indices: [-1] },
      ...Array.from({ length: 6 }, () => ({ source: plain.path(), count: 3 })),
    ];
    const codes: unknown[] = [];
    const extraction = (async () => {
      for await (const { batch, error } of pool.extract(requests, { ordered: true, maxInFlight: 7 })) {
        codes.push(batch?.length ?? (error as FramepoolError).code);
        batch?.release();
      }
    })();
    // The short ones are done by the worker that the long one leaves free.
    const [busy] = workers;
    await video.getFrameAt(0);
    await turn();
    await killAll();
    await extraction;
    assert.ok(busy !== undefined);
    assert.equal(codes.length, 7);
    assert.ok(codes.every((code) => code === 3 || code === "E_WORKER_LOST" || code === 1));
  });

  it("may die again and again, also while it starts: its job fails or is done by the next one", async () => {
    for (let round = 0; round < 6; round++) {
      const pending = video.getFrameAt(-1);
      pending.catch(() => undefined);
      await turn();
      await killAll();
      const outcome = await pending.then(
        ({ index }) => index,
        (error: unknown) => (error as FramepoolError).code,
      );
      assert.ok(outcome === "E_WORKER_LOST" || outcome === slow.frames - 1, String(outcome));
    }
    assert.equal((await video.getFrameAt(0)).index, 0);
  });

  it("whenever it starts ends the job with E_WORKER_LOST, not with waiting for ever", async () => {
    await killAll();
    const killAtOnce = (worker: Worker): void => {
      void worker.terminate();
    };
    process.on("worker", killAtOnce);
    const pending = video.getFrameAt(3);
    await rejection(pending, "E_WORKER_LOST");
    process.off("worker", killAtOnce);
    assert.equal((await video.getFrameAt(3)).index, 3);
  });

  it("does not stop the pool from closing", async () => {
    const pending = video.getFrameAt(-1);
    pending.catch(() => undefined);
    const [worker] = workers;
    const gone = once(worker!, "exit");
    await turn();
    void worker!.terminate();
    await pool.close();
    await gone;
    const code = await pending.catch((error: unknown) => (error as FramepoolError).code);
    assert.ok(code === "E_CLOSED" || code === "E_WORKER_LOST");
  });
});
