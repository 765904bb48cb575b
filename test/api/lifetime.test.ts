import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { intra, plain, slow } from "./support/clips.js";
import { reportsOf } from "./support/script.js";

/** Each is a process that must end by itself, well, and without a word on standard error. */
describe("a process ends by itself", () => {
  it("when the default pool was used and nothing closed", async () => {
    const reports = await reportsOf(
      `
      const video = await VideoDecoder.open(args[0]);
      report((await video.getFrameAt(3)).index);
      const batch = await video.getAllFrames();
      report(batch.length);`,
      [plain.path()],
    );
    assert.deepEqual(reports, [3, plain.frames]);
  });

  it("when a pool of its own was used and nothing closed", async () => {
    const reports = await reportsOf(
      `
      const pool = new DecoderPool({ workers: 3 });
      const videos = await Promise.all(args.map((path) => pool.openVideo(path)));
      for (const video of videos) report((await video.getAllFrames()).length);`,
      [plain.path(), intra.path()],
    );
    assert.deepEqual(reports, [plain.frames, intra.frames]);
  });

  it("after the work that is under way, which nobody waits for: it is done first", async () => {
    const reports = await reportsOf(
      `
      const video = await VideoDecoder.open(args[0]);
      void video.getFrameAt(-1).then((frame) => report(frame.index));`,
      [slow.path()],
    );
    assert.deepEqual(reports, [slow.frames - 1]);
  });

  it("when a loop was left in the middle", async () => {
    const reports = await reportsOf(
      `
      const video = await VideoDecoder.open(args[0]);
      for await (const frame of video) if (frame.index === 2) break;
      const frames = video.frames();
      report((await frames.next()).value.index);`,
      [slow.path()],
    );
    assert.deepEqual(reports, [0]);
  });

  it("when everything was closed while decoding", async () => {
    const reports = await reportsOf(
      `
      const pool = new DecoderPool({ workers: 2 });
      const video = await pool.openVideo(args[0]);
      const pending = video.getFrameAt(-1).catch(({ code }) => report(code));
      await pool.close();
      await pending;`,
      [slow.path()],
    );
    assert.deepEqual(reports, ["E_CLOSED"]);
  });

  it("when it exits in the middle of decoding", async () => {
    const reports = await reportsOf(
      `
      const pool = new DecoderPool({ workers: 2 });
      const videos = await Promise.all([pool.openVideo(args[0]), pool.openVideo(args[0])]);
      for (const video of videos) void video.getFrameAt(-1);
      await new Promise((resolve) => setImmediate(resolve));
      report("leaving");
      process.exit(0);`,
      [slow.path()],
    );
    assert.deepEqual(reports, ["leaving"]);
  });

  it("when opening failed", async () => {
    const reports = await reportsOf(
      `
      await VideoDecoder.open("nowhere.mp4").catch(({ code }) => report(code));
      await VideoDecoder.open(import.meta.dirname ?? "/").catch(({ code }) => report(code));`,
    );
    assert.deepEqual(reports, ["E_NOT_FOUND", "E_NOT_A_FILE"]);
  });
});

describe("importing", () => {
  it("starts no thread", async () => {
    const reports = await reportsOf(
      `
      let threads = 0;
      process.on("worker", () => threads++);
      const pool = new DecoderPool({ workers: 4 });
      await new Promise((resolve) => setImmediate(resolve));
      report(threads);
      const video = await pool.openVideo(args[0]);
      await video.getFrameAt(0);
      report(threads);
      await Promise.all(Array.from({ length: 20 }, (_, i) => video.getFrameAt(i)));
      report(threads <= 4);`,
      [plain.path()],
    );
    assert.deepEqual(reports, [0, 1, true]);
  });

  it("works inside a worker thread, which ends when it is told to", async () => {
    const reports = await reportsOf(
      `
      import { Worker } from "node:worker_threads";
      const source = \`
        import { parentPort, workerData } from "node:worker_threads";
        const { VideoDecoder } = await import(workerData.library);
        const video = await VideoDecoder.open(workerData.path);
        parentPort.postMessage((await video.getFrameAt(7)).index);
        void video.getFrameAt(-1);\`;
      const worker = new Worker(source, { eval: true, workerData: { library: args[1], path: args[0] } });
      const [index] = await once(worker, "message");
      report(index);
      await worker.terminate();
      report("terminated");`,
      [slow.path(), new URL("../../src/index.js", import.meta.url).href],
    );
    assert.deepEqual(reports, [7, "terminated"]);
  });
});
