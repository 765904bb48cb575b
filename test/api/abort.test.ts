import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { CallOptions, VideoDecoder } from "../../src/index.js";
import { strangers } from "../support/strangers.js";
import { intra, plain, slow } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { rejectsWith, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const reason = { why: "enough" };

function abortedSignal(): AbortSignal {
  return AbortSignal.abort(reason);
}

function blobOf(path: string): Blob {
  return new Blob([readFileSync(path)]);
}

type Call = (video: VideoDecoder, options: CallOptions) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  getFrameAt: (video, options) => video.getFrameAt(-1, options),
  getFramesAt: (video, options) => video.getFramesAt([0, -1], options),
  getFramesInRange: (video, options) => video.getFramesInRange(0, video.length, { ...options, step: 100 }),
  getFramePlayedAt: (video, options) => video.getFramePlayedAt(video.metadata.endStreamSeconds! - 0.01, options),
  getFramesPlayedAt: (video, options) => video.getFramesPlayedAt([0, video.metadata.endStreamSeconds! - 0.01], options),
  getFramesPlayedInRange: (video, options) =>
    video.getFramesPlayedInRange(0, video.metadata.endStreamSeconds!, { ...options, fps: 1 }),
  getAllFrames: (video, options) => video.getAllFrames({ ...options, fps: 1 }),
  frames: (video, options) => collect(video.frames({ ...options, step: 300 })),
};

describe("a signal that was aborted before", () => {
  const pool = testPool();

  for (const [name, call] of Object.entries(calls)) {
    it(`ends ${name} with its reason`, async () => {
      const video = await pool.openVideo(plain.path());
      await rejectsWith(call(video, { signal: abortedSignal() }), reason);
    });
  }

  it("ends opening and extracting with its reason", async () => {
    await rejectsWith(pool.openVideo(plain.path(), { signal: abortedSignal() }), reason);
    const request = { source: plain.path(), count: 1 };
    await rejectsWith(collect(pool.extract([request], { signal: abortedSignal() })), reason);
  });
});

describe("a reason that throws when it is looked at", () => {
  const pool = testPool({ workers: 1 });

  for (const [name, make] of Object.entries(strangers)) {
    it(`comes back as it is: ${name}`, async () => {
      const why = make();
      const video = await pool.openVideo(slow.path());
      for (const call of Object.values(calls)) {
        const controller = new AbortController();
        const pending = call(video, { signal: controller.signal });
        await turn();
        controller.abort(why);
        await rejectsWith(pending, why);
      }
      const controller = new AbortController();
      const opening = pool.openVideo(blobOf(plain.path()), { signal: controller.signal });
      controller.abort(why);
      await rejectsWith(opening, why);
      await video.close();
    });
  }
});

describe("aborting while frames are decoded", () => {
  // One worker: whoever comes next has to wait until it is free.
  const pool = testPool({ workers: 1 });
  let video: VideoDecoder;
  let wholeMs: number;
  let last: string;

  before(async () => {
    video = await pool.openVideo(slow.path());
    const start = performance.now();
    last = digest(await video.getFrameAt(-1));
    wholeMs = performance.now() - start;
  });
  after(() => video.close());

  for (const [name, call] of Object.entries(calls)) {
    it(`ends ${name} at once with the reason; the worker is free and the decoder usable`, async () => {
      // Back to the beginning, so that there is much to decode.
      await video.getFrameAt(0);
      const controller = new AbortController();
      const start = performance.now();
      const pending = call(video, { signal: controller.signal });
      await turn();
      controller.abort(reason);
      await rejectsWith(pending, reason);
      const other = await pool.openVideo(plain.path());
      assert.equal((await other.getFrameAt(5)).index, 5);
      await other.close();
      assert.ok(performance.now() - start < wholeMs, "it did not wait until all was decoded");
      assert.equal((await video.getFrameAt(1)).index, 1);
    });
  }

  it("the same frames are right afterwards", async () => {
    assert.equal(digest(await video.getFrameAt(-1)), last);
  });

  it("a signal without a reason of its own gives an AbortError, one with a timeout a TimeoutError", async () => {
    await video.getFrameAt(0);
    const controller = new AbortController();
    const pending = video.getFrameAt(-1, { signal: controller.signal });
    controller.abort();
    await assert.rejects(pending, { name: "AbortError" });
    await assert.rejects(video.getFrameAt(-1, { signal: AbortSignal.timeout(1) }), { name: "TimeoutError" });
  });

  it("ends a call that still waits for a worker", async () => {
    await video.getFrameAt(0);
    const first = video.getFrameAt(-1);
    const controller = new AbortController();
    let firstIsDone = false;
    void first.then(() => (firstIsDone = true));
    const waiting = video.getFrameAt(0, { signal: controller.signal });
    const opening = pool.openVideo(plain.path(), { signal: controller.signal });
    await turn();
    controller.abort(reason);
    await rejectsWith(waiting, reason);
    await rejectsWith(opening, reason);
    assert.equal(firstIsDone, false);
    assert.equal(digest(await first), last, "others go on");
  });

  it("ends a loop, and the decoder goes on", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const frame of video.frames({ signal: controller.signal })) {
        seen.push(frame.index);
        frame.release();
        if (frame.index === 3) controller.abort(reason);
      }
    };
    await rejectsWith(loop(), reason);
    assert.ok(seen.length >= 4 && seen.length < slow.frames / 2, String(seen.length));
    assert.equal((await video.getFrameAt(2)).index, 2);
  });

  it("ends extracting, and the pool goes on", async () => {
    const controller = new AbortController();
    const requests = [intra.path(), slow.path(), slow.path()].map((source) => ({ source, indices: [-1] }));
    let results = 0;
    const loop = async (): Promise<void> => {
      for await (const { batch } of pool.extract(requests, { signal: controller.signal, ordered: true })) {
        results++;
        batch?.release();
        controller.abort(reason);
      }
    };
    await rejectsWith(loop(), reason);
    assert.equal(results, 1);
    assert.equal((await video.getFrameAt(2)).index, 2);
  });
});

describe("signals that are not aborted", () => {
  const pool = testPool();

  it("make no difference, during and after", async () => {
    const controller = new AbortController();
    const video = await pool.openVideo(plain.path(), { signal: controller.signal });
    const frame = await video.getFrameAt(3, { signal: controller.signal });
    const expected = digest(frame);
    controller.abort(reason);
    assert.equal(digest(frame), expected);
    assert.equal((await video.getFrameAt(4)).index, 4);
  });

  it("may be shared by many calls: no warning of a leak", async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): number => warnings.push(warning);
    process.on("warning", listener);
    const { signal } = new AbortController();
    const video = await pool.openVideo(plain.path());
    await Promise.all(Array.from({ length: 60 }, (_, i) => video.getFrameAt(i % plain.frames, { signal })));
    await Promise.all(Array.from({ length: 60 }, (_, i) => video.getFrameAt(i % plain.frames)));
    const requests = Array.from({ length: 60 }, () => ({ source: plain.path(), count: 2 }));
    await collect(pool.extract(requests, { signal, maxInFlight: 60 }));
    await Promise.all(Array.from({ length: 60 }, async () => (await pool.openVideo(plain.path(), { signal })).close()));
    await turn();
    process.off("warning", listener);
    assert.deepEqual(warnings, []);
  });
});
