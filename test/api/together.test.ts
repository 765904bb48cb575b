import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { DecoderPool, Frame, FrameBatch, VideoDecoder, VideoDecoderOptions } from "../../src/index.js";
import { intra, plain, plainMkv, slow, twoSizes } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";
import { killAll } from "./support/worker-threads.js";

async function inTurn(video: VideoDecoder, wanted: readonly number[]): Promise<string[]> {
  const pictures: string[] = [];
  for (const index of wanted) {
    const frame = await video.getFrameAt(index);
    pictures.push(digest(frame));
    frame.release();
  }
  return pictures;
}

const one = testPool({ workers: 1 });
const several = testPool({ workers: 3 });
const pools: Readonly<Record<string, DecoderPool>> = {
  "by one worker": one,
  "by several workers": several,
  "over a connection": connected(several),
};
const files: Readonly<Record<string, [string, VideoDecoderOptions]>> = {
  "a clip with key frames": [plain.path(), {}],
  "pictures of which each is a key frame": [intra.path(), {}],
  "a clip without an index": [plainMkv(), { seekMode: "approximate" }],
  "planes as they are": [plain.path(), { pixelFormat: "native" }],
};

for (const [where, pool] of Object.entries(pools)) {
  describe(`what is asked for at the same time, decoded ${where}`, () => {
    for (const [name, [path, options]] of Object.entries(files)) {
      it(`is what it is one after the other: ${name}`, async () => {
        const video = await pool.openVideo(path, options);
        const wanted = shuffled([...range(0, video.length), 3, 3, 7]);
        const expected = await inTurn(video, wanted);
        const frames = await Promise.all(wanted.map((index) => video.getFrameAt(index)));
        assert.deepEqual(frames.map(digest), expected);
        assert.deepEqual(
          frames.map(({ index }) => index),
          wanted,
        );
        for (const frame of frames) frame.release();
        await video.close();
      });
    }

    it("may be batches that share frames, and calls by number and by time", async () => {
      const video = await pool.openVideo(plain.path());
      const all = await inTurn(video, range(0, video.length));
      const lists = [shuffled(range(0, video.length)), range(10, 30), [], [49, 0, 20, 20]];
      const [batches, frame, times] = await Promise.all([
        Promise.all(lists.map((list) => video.getFramesAt(list))),
        video.getFramePlayedAt(0.5),
        video.getFramesPlayedAt([1, 0]),
      ]);
      const batchesOf = (found: readonly FrameBatch[]): string[][] => found.map(digests);
      assert.deepEqual(
        batchesOf(batches),
        lists.map((list) => list.map((index) => all[index])),
      );
      assert.deepEqual([frame.index, ...times.indices], [12, 25, 0]);
      assert.equal(digest(frame), all[12]);
      await video.close();
    });
  });
}

describe("what is asked for at the same time", () => {
  it("costs no more than it costs one after the other", async () => {
    const video = await one.openVideo(slow.path());
    const wanted = range(0, 60);
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const begin = performance.now();
      await work();
      return performance.now() - begin;
    };
    const ratios: number[] = [];
    for (let round = 0; round < 3; round++) {
      const turns = await timed(() => inTurn(video, wanted));
      const all = await timed(async () => {
        for (const frame of await Promise.all(wanted.map((index) => video.getFrameAt(index)))) frame.release();
      });
      ratios.push(all / turns);
    }
    // Each from its key frame would be thirty times as much.
    assert.ok(Math.min(...ratios) < 3, ratios.join());
    await video.close();
  });

  it("waits for a worker as one request, also when it does not come in one moment", async () => {
    const video = await one.openVideo(slow.path());
    const busy = await one.openVideo(slow.path(), { pixelFormat: "gray8" });
    const begin = performance.now();
    (await video.getFrameAt(-1)).release();
    const wholeMs = performance.now() - begin;
    const before = busy.getFrameAt(-1);
    const frames: Promise<Frame>[] = [];
    for (let i = 0; i < 20; i++) {
      frames.push(video.getFrameAt(-1 - i));
      await turn();
    }
    (await before).release();
    const asked = performance.now();
    for (const frame of await Promise.all(frames)) frame.release();
    assert.ok(performance.now() - asked < 8 * wholeMs, "not once for each of the twenty");
    await video.close();
    await busy.close();
  });

  it("fails by itself: a broken frame's error is only its own", async () => {
    const video = await several.openVideo(withDeadPackets(intra.path(), [5, 6]));
    const outcomes = await Promise.allSettled(range(0, video.length).map((index) => video.getFrameAt(index)));
    const failed = range(0, video.length).filter((index) => outcomes[index]?.status === "rejected");
    assert.deepEqual(failed, [5, 6]);
    for (const index of failed) {
      const error = await rejection(
        outcomes[index]?.status === "rejected" ? Promise.reject(outcomes[index].reason as Error) : Promise.resolve(),
        "E_DECODE",
      );
      assert.equal(error.frame?.index, index);
    }
    await video.close();
  });

  it("may be native frames of several sizes: each alone has its own", async () => {
    const video = await one.openVideo(twoSizes.jpeg(), { pixelFormat: "native" });
    const wanted = range(0, video.length);
    const expected = await inTurn(video, wanted);
    const frames = await Promise.all(wanted.map((index) => video.getFrameAt(index)));
    assert.deepEqual(frames.map(digest), expected);
    await video.close();
  });

  it("is too large by itself", async () => {
    const pool = testPool({ workers: 1, limits: { maxOutputBytes: 96 * 64 * 3 } });
    const video = await pool.openVideo(plain.path());
    const [large, small] = [video.getFramesAt([0, 1]), video.getFrameAt(1)];
    await rejection(large, "E_LIMIT");
    assert.equal((await small).index, 1);
  });

  it("is cancelled by itself, also while it is decoded", async () => {
    const video = await one.openVideo(slow.path());
    const expected = digest(await video.getFrameAt(-1));
    const reason = { why: "enough" };
    for (const wait of [0, 1, 3]) {
      const controllers = range(0, 10).map(() => new AbortController());
      const frames = controllers.map(({ signal }, i) => video.getFrameAt(-1 - i, { signal }));
      for (let i = 0; i < wait; i++) await turn();
      const [first, ...others] = controllers.map((controller, i) => ({ controller, frame: frames[i]! }));
      for (const { controller } of others) controller.abort(reason);
      for (const { frame } of others) await rejectsWith(frame, reason);
      assert.equal(digest(await first!.frame), expected);
    }
    await video.close();
  });

  it("ends with E_CLOSED when the decoder is closed", async () => {
    const video = await one.openVideo(slow.path());
    const frames = range(0, 10).map((index) => rejection(video.getFrameAt(-1 - index), "E_CLOSED"));
    await video.close();
    await Promise.all(frames);
  });

  it("is done by another worker when the one that did it died: who shared a pass does not share its end", async () => {
    const pool = testPool({ workers: 1 });
    const video = await pool.openVideo(slow.path());
    const frames = range(0, 4).map((index) => video.getFrameAt(-1 - index));
    await turn();
    await killAll();
    const outcomes = await Promise.allSettled(frames);
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value.index - slow.frames : (outcome.reason as unknown),
      ),
      [-1, -2, -3, -4],
    );
  });
});
