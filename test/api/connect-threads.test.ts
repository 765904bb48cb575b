import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fps, plain, plainMkv, slow } from "./support/clips.js";
import { everyAnswer } from "./support/answers.js";
import { clip } from "./support/ffmpeg.js";
import { bytesOf, digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { reportsOf } from "./support/script.js";
import { inThread, userThread } from "./support/user-thread.js";

/** Two views are over the same memory: what one writes the other reads. */
function isSameMemory(a: Uint8Array, b: Uint8Array): boolean {
  const before = a[0]!;
  a[0] = before ^ 0xff;
  const same = b[0] === a[0];
  a[0] = before;
  return same && b[0] === before;
}

/** 100 frames of 640x480. */
const large = (): string =>
  clip("large.mp4", [
    "-f",
    "lavfi",
    "-i",
    `testsrc2=size=640x480:rate=${String(fps)}`,
    "-frames:v",
    "100",
    "-c:v",
    "mpeg4",
  ]);

describe("threads of the user's on one pool", () => {
  const pool = testPool({ workers: 2 });

  it("get from every getter what the pool's own thread gets", async () => {
    const expected = await everyAnswer(await pool.openVideo(plain.path()));
    assert.deepEqual(await inThread(pool, "every answer", plain.path()), expected);
  });

  it("decode at the same time, each its own frames, while the pool's own thread does too", async () => {
    const paths = [plain.path(), plainMkv(), plain.path()];
    const own = pool.openVideo(plain.path()).then(everyAnswer);
    const [first, second, third] = await Promise.all([
      ...paths.map((path) => inThread(pool, "go through it", path)),
      own,
    ]);
    const video = await pool.openVideo(plain.path());
    const batch = await video.getAllFrames();
    const expected = Array.from(batch, (frame) => `${String(frame.index)} ${digest(frame)}`);
    assert.equal(expected.length, plain.frames);
    assert.deepEqual(first, expected);
    assert.deepEqual(second, expected);
    assert.deepEqual(third, expected);
  });
});

describe("what a thread was given lies in the pool's memory", () => {
  it("and is used again once the thread released it", async () => {
    const pool = testPool({ workers: 1 });
    const thread = userThread(pool, "release a batch", plain.path());
    const pixels = (await thread.said()) as Uint8Array;
    assert.equal(await thread.said(), "released");
    const video = await pool.openVideo(plain.path());
    assert.ok(isSameMemory(pixels, bytesOf(await video.getAllFrames())));
  });

  it("and is nobody else's once the thread forgot it: somebody else may still see it", async () => {
    const pool = testPool({ workers: 1 });
    const { worker, said } = userThread(pool, "forget a batch", plain.path());
    const pixels = (await said()) as Uint8Array;
    const before = digest({ data: pixels });
    // The thread's collector has found it, and the pool's thread was told.
    assert.equal(await said(), "collected");
    const video = await pool.openVideo(plain.path());
    for (let round = 0; round < 3; round++) {
      assert.ok(!isSameMemory(pixels, bytesOf(await video.getFramesInRange(0, plain.frames))));
    }
    assert.equal(digest({ data: pixels }), before);
    await worker.terminate();
  });

  it("and is nobody else's while the thread holds it, nor afterwards while somebody may look at it", async () => {
    const pool = testPool({ workers: 1 });
    const { worker, said } = userThread(pool, "hold a batch", plain.path());
    const pixels = (await said()) as Uint8Array;
    const before = digest({ data: pixels });
    const video = await pool.openVideo(plain.path());
    assert.ok(!isSameMemory(pixels, bytesOf(await video.getAllFrames())));
    await worker.terminate();
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await delay(5);
      assert.ok(!isSameMemory(pixels, bytesOf(await video.getFramesInRange(0, plain.frames))));
    }
    assert.equal(digest({ data: pixels }), before);
  });
});

describe("a thread that dies in the middle", () => {
  it("leaves the pool whole: its work is cancelled, the worker free, the files closed", async () => {
    // One worker: nobody else gets anything while it works for a thread that is gone.
    const pool = testPool({ workers: 1 });
    const expected = digest(await (await pool.openVideo(plain.path())).getFrameAt(7));
    for (let round = 0; round < 3; round++) {
      const { worker, said } = userThread(pool, "be in the middle", slow.path());
      assert.equal(await said(), "in the middle");
      await worker.terminate();
      const video = await pool.openVideo(plain.path());
      assert.equal(digest(await video.getFrameAt(7)), expected);
      await video.close();
    }
  });

  it("leaves the pool whole when it just ends", async () => {
    const pool = testPool({ workers: 1 });
    const { worker, said } = userThread(pool, "end by itself", slow.path());
    const exited = once(worker, "exit");
    assert.equal(await said(), 2);
    assert.deepEqual(await exited, [0]);
    assert.equal((await (await pool.openVideo(plain.path())).getFrameAt(7)).index, 7);
  });

  it("leaves no memory behind, and no file open", async () => {
    const [early, late, open] = (await reportsOf(
      `
      import { Worker } from "node:worker_threads";
      const pool = new DecoderPool({ workers: 1, memoryBudget: 2 ** 26 });
      const settle = async () => {
        for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
        return process.memoryUsage.rss();
      };
      const cycle = async () => {
        const worker = new Worker(new URL(args[1]), { execArgv: [], workerData: { task: "hold a batch", path: args[0] } });
        framepool.expose(pool, worker);
        await once(worker, "message");
        await worker.terminate();
      };
      for (let i = 0; i < 6; i++) await cycle();
      report(await settle());
      for (let i = 0; i < 12; i++) await cycle();
      report(await settle());
      report(openFiles([args[0]]));`,
      // 92 MB of pixels each time.
      [large(), new URL("./support/user-thread-main.js", import.meta.url).href],
      { flags: ["--expose-gc"] },
    )) as [number, number, number];
    assert.ok(late - early < 250e6, `${((late - early) / 1e6).toFixed(1)} MB more after 12 threads`);
    assert.equal(open, 0);
  });
});

describe("a process that shares a pool ends by itself", () => {
  const main = new URL("./support/user-thread-main.js", import.meta.url).href;

  it("when a thread left everything open", async () => {
    const reports = await reportsOf(
      `
      import { Worker } from "node:worker_threads";
      const pool = new DecoderPool({ workers: 1 });
      const worker = new Worker(new URL(args[1]), { execArgv: [], workerData: { task: "end by itself", path: args[0] } });
      framepool.expose(pool, worker);
      worker.on("message", ({ said }) => said && report(said));
      worker.on("exit", (code) => report(code));`,
      [slow.path(), main],
    );
    assert.deepEqual(reports, [2, 0]);
  });

  it("when a pool was connected over a channel, used, and nothing closed", async () => {
    const reports = await reportsOf(
      `
      import { MessageChannel } from "node:worker_threads";
      const { port1, port2 } = new MessageChannel();
      framepool.expose(new DecoderPool({ workers: 1 }), port1);
      const pool = framepool.connect(port2);
      const video = await pool.openVideo(args[0]);
      report((await video.getFrameAt(3)).index);
      const loop = video.frames();
      report((await loop.next()).value.index);
      report(pool.workers);`,
      [slow.path()],
    );
    assert.deepEqual(reports, [3, 0, 1]);
  });

  it("when it exposed or connected and nobody was at the other end", async () => {
    const reports = await reportsOf(
      `
      import { MessageChannel } from "node:worker_threads";
      const { port1, port2 } = new MessageChannel();
      framepool.expose(new DecoderPool(), port1);
      framepool.connect(new MessageChannel().port1);
      report("done");`,
    );
    assert.deepEqual(reports, ["done"]);
  });

  it("but not before the work that is under way, which nobody waits for, is done", async () => {
    const reports = await reportsOf(
      `
      import { MessageChannel } from "node:worker_threads";
      const { port1, port2 } = new MessageChannel();
      framepool.expose(new DecoderPool({ workers: 1 }), port1);
      void framepool.connect(port2).openVideo(args[0]).then((video) => video.getFrameAt(-1)).then(({ index }) => report(index));`,
      [slow.path()],
    );
    assert.deepEqual(reports, [slow.frames - 1]);
  });
});
