import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { FrameBatch, VideoDecoder } from "../../src/index.js";
import { gap, plain } from "./support/clips.js";
import { digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const tiny = 1e-9;

describe("frames played in a range", () => {
  const pool = testPool();
  let video: VideoDecoder;

  before(async () => {
    video = await pool.openVideo(gap.path());
  });

  const ranges: readonly (readonly [start: number, stop: number, frames: readonly number[], why: string])[] = [
    [0, 0.08, [0, 1], "the stop is exclusive"],
    [0, 0.08 + tiny, [0, 1, 2], "a frame that begins before the stop belongs"],
    [0.04, 0.12, [1, 2], "a frame that begins at the start belongs, the one before does not"],
    [0.05, 0.12, [1, 2], "the frame that is already on screen belongs"],
    [0.2, 0.3, [4], "nothing begins, one is on screen"],
    [0.3, 0.45, [4, 5, 6], "the one on screen through a gap, and those after"],
    [0.2, 0.4, [4], "up to the end of a gap"],
    [0.5, 0.6, [7, 8, 9], "to the end"],
    [0, 0.6, range(0, 10), "all of it"],
    [0.1, 0.1, [], "empty"],
    [0.3, 0.1, [], "inverted"],
    [5, 5, [], "empty, wherever it is"],
  ];
  for (const [start, stop, frames, why] of ranges) {
    it(`[${start}, ${stop}): ${why}`, async () => {
      const batch = await video.getFramesPlayedInRange(start, stop);
      assert.deepEqual([...batch.indices], frames);
      assert.deepEqual(
        [...batch.ptsSeconds],
        frames.map((index) => gap.pts[index]),
      );
      assert.equal(batch.targetSeconds, undefined);
    });
  }

  it("ranges that leave the video are E_OUT_OF_RANGE", async () => {
    const end = video.metadata.endStreamSeconds!;
    const outside = [
      [-0.1, 0.2],
      [0, end + tiny],
      [end, end + 1],
      [-2, -1],
    ] as const;
    for (const [start, stop] of outside) {
      await rejection(video.getFramesPlayedInRange(start, stop), "E_OUT_OF_RANGE");
      await rejection(video.getFramesPlayedInRange(start, stop, { fps: 10 }), "E_OUT_OF_RANGE");
    }
  });
});

describe("resampling", () => {
  const pool = testPool();
  let video: VideoDecoder;
  let all: readonly string[];

  before(async () => {
    video = await pool.openVideo(plain.path());
    all = digests(await video.getAllFrames());
  });

  /** Frame i of the clip is on screen from i / 25 s. */
  function check(batch: FrameBatch, start: number, fps: number, count: number): void {
    const targets = range(0, count).map((i) => start + i / fps);
    const frames = targets.map((time) => Math.floor(time * 25 + 1e-6));
    assert.deepEqual([...batch.targetSeconds!], targets);
    assert.deepEqual([...batch.indices], frames);
    assert.deepEqual(
      [...batch.ptsSeconds],
      frames.map((frame) => frame / 25),
    );
    assert.deepEqual(
      digests(batch),
      frames.map((frame) => all[frame]),
    );
  }

  it("fewer frames a second leave frames out", async () => {
    check(await video.getFramesPlayedInRange(0, 2, { fps: 10 }), 0, 10, 20);
    check(await video.getFramesPlayedInRange(0.5, 1.5, { fps: 1 }), 0.5, 1, 1);
  });

  it("more repeat them", async () => {
    check(await video.getFramesPlayedInRange(0, 1, { fps: 60 }), 0, 60, 60);
  });

  it("the same rate is the same frames", async () => {
    check(await video.getFramesPlayedInRange(0, 2, { fps: 25 }), 0, 25, 50);
  });

  it("the number of frames is rounded, halves up", async () => {
    check(await video.getFramesPlayedInRange(0, 0.249, { fps: 10 }), 0, 10, 2);
    check(await video.getFramesPlayedInRange(0, 0.25, { fps: 10 }), 0, 10, 3);
    check(await video.getFramesPlayedInRange(0, 0.04, { fps: 10 }), 0, 10, 0);
    check(await video.getFramesPlayedInRange(0, 0.06, { fps: 10 }), 0, 10, 1);
  });

  it("empty and inverted ranges stay empty", async () => {
    for (const [start, stop] of [
      [1, 1],
      [1.5, 1],
    ] as const) {
      const batch = await video.getFramesPlayedInRange(start, stop, { fps: 10 });
      assert.equal(batch.length, 0);
      assert.equal(batch.targetSeconds?.length, 0);
    }
  });

  it("getAllFrames goes from the first moment to the last", async () => {
    check(await video.getAllFrames({ fps: 12.5 }), 0, 12.5, 25);
    assert.deepEqual(digests(await video.getAllFrames()), all);
  });

  it("a gap repeats the frame that stays on screen", async () => {
    const gapped = await pool.openVideo(gap.path());
    const batch = await gapped.getAllFrames({ fps: 25 });
    assert.deepEqual([...batch.indices], [0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9]);
  });
});
