import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { gap, plain } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

const tiny = 1e-9;

describe("what was on screen at a time", () => {
  const pool = testPool();
  let video: VideoDecoder;

  before(async () => {
    video = await pool.openVideo(gap.path());
  });

  async function playedAt(...seconds: number[]): Promise<number[]> {
    const batch = await video.getFramesPlayedAt(seconds);
    const single = await Promise.all(seconds.map((time) => video.getFramePlayedAt(time)));
    assert.deepEqual(
      single.map(({ index }) => index),
      [...batch.indices],
      "one or many: the same rule",
    );
    return [...batch.indices];
  }

  it("a frame begins exactly at its pts", async () => {
    assert.deepEqual(await playedAt(...gap.pts), [...gap.pts.keys()]);
  });

  it("a frame ends where the next one begins", async () => {
    const justBefore = gap.pts.slice(1).map((pts) => pts - tiny);
    assert.deepEqual(await playedAt(...justBefore), [...justBefore.keys()]);
  });

  it("a frame stays through the gap after it", async () => {
    assert.deepEqual(await playedAt(0.16, 0.2, 0.21, 0.3, 0.399, 0.4), [4, 4, 4, 4, 4, 5]);
  });

  it("the last one is on screen for its duration", async () => {
    assert.deepEqual(await playedAt(0.56, 0.58, 0.6 - tiny), [9, 9, 9]);
  });

  it("the caller's order and repetitions are kept, the frame's own times reported", async () => {
    const batch = await video.getFramesPlayedAt([0.59, 0.3, 0.01, 0.3]);
    assert.deepEqual([...batch.indices], [9, 4, 0, 4]);
    assert.deepEqual([...batch.ptsSeconds], [0.56, 0.16, 0, 0.16]);
    assert.deepEqual(batch.targetSeconds, Float64Array.of(0.59, 0.3, 0.01, 0.3));
  });

  it("no times give no frames", async () => {
    assert.equal((await video.getFramesPlayedAt([])).length, 0);
  });

  it("before the beginning and from the end on there is nothing: E_OUT_OF_RANGE", async () => {
    const end = video.metadata.endStreamSeconds!;
    for (const time of [-tiny, -1, end, end + tiny, 100]) {
      const error = await rejection(video.getFramePlayedAt(time), "E_OUT_OF_RANGE");
      assert.match(
        error.message,
        /gap\.mp4: .* s is outside the video, which plays from 0 s up to but not including 0\.6/,
      );
      await rejection(video.getFramesPlayedAt([0, time]), "E_OUT_OF_RANGE");
    }
  });

  it("a video that begins later has nothing before", async () => {
    const late = await pool.openVideo(gap.later());
    assert.equal(late.metadata.beginStreamSeconds, 10);
    assert.equal((await late.getFramePlayedAt(10)).index, 0);
    assert.equal((await late.getFramePlayedAt(10.41)).index, 5);
    await rejection(late.getFramePlayedAt(10 - tiny), "E_OUT_OF_RANGE");
    await rejection(late.getFramePlayedAt(0), "E_OUT_OF_RANGE");
  });

  it("after a jump by time, frames by number are the right ones", async () => {
    const clip = await pool.openVideo(plain.path());
    const expected = await clip.getFrameAt(4);
    const other = await pool.openVideo(plain.path());
    await other.getFrameAt(3);
    await other.getFramePlayedAt(1.9);
    const frame = await other.getFrameAt(4);
    assert.equal(frame.index, 4);
    assert.equal(frame.ptsSeconds, 0.16);
    assert.deepEqual(frame.data, expected.data);
  });
});
