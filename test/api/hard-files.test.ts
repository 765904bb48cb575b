import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Frame, type VideoDecoder } from "../../src/index.js";
import type { HardClip } from "./support/hard-clip.js";
import { canMake, hardClips } from "./support/hard-clips.js";
import { digest, streamDigests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { type TrueFrame, truth } from "./support/truth.js";
import { isCommandsVersion } from "./support/version.js";

const pool = testPool();

describe("files that are hard to get right: FFmpeg's own frames, in every order", () => {
  for (const clip of hardClips) {
    if (!canMake(clip)) it(`NOT CHECKED HERE, no ${clip.encoder}: ${clip.name}`, () => undefined);
    else it(`${clip.name}: ${clip.because}`, () => check(clip));
  }
});

async function check(clip: HardClip): Promise<void> {
  const path = clip.path();
  const frames = await framesOf(clip);
  const expected = frames.map(({ md5 }) => md5);
  const everywhere = range(0, frames.length);

  for (const at of [frames.length - 1, frames.length >> 1]) {
    const fresh = await pool.openVideo(path, { pixelFormat: "native" });
    assert.deepEqual(await oneByOne(fresh, [at], frames), [expected[at]], "of a decoder that saw nothing else");
    await fresh.close();
  }

  const video = await pool.openVideo(path, { pixelFormat: "native" });
  assert.equal(video.length, frames.length, "number of frames");
  assert.deepEqual(await streamDigests(video.frames()), expected, "in order");
  const backwards = await oneByOne(video, everywhere.toReversed(), frames);
  assert.deepEqual(backwards, expected.toReversed(), "backwards");
  const order = shuffled(everywhere).slice(0, 16);
  assert.deepEqual(
    await oneByOne(video, order, frames),
    order.map((at) => expected[at]),
    "at random",
  );
  await video.close();

  for (const step of [2, 3]) {
    const fresh = await pool.openVideo(path, { pixelFormat: "native" });
    const some = range(1, frames.length, step);
    const batch = await fresh.getFramesAt(some);
    assert.deepEqual(
      Array.from(batch, digest),
      some.map((at) => expected[at]),
      `every ${step}. frame at once`,
    );
    batch.release();
    await fresh.close();
  }
}

/** As the ffmpeg command has them, or, where it is of another version and that counts, this FFmpeg from start to end. */
async function framesOf(clip: HardClip): Promise<readonly TrueFrame[]> {
  const frames = truth(clip.path());
  if (isCommandsVersion || clip.name !== "hevc-joined.ts") return frames;
  // FFmpeg before 7.1 drops pictures that wait where a sequence of HEVC is cut off.
  const own: TrueFrame[] = [];
  const video = await pool.openVideo(clip.path(), { pixelFormat: "native", threadsPerWorker: 1 });
  for await (const frame of video.frames()) {
    own.push({ pts: frame.ptsSeconds, md5: digest(frame) });
    frame.release();
  }
  await video.close();
  const digests = new Set(own.map(({ md5 }) => md5));
  assert.ok(
    frames.every(({ md5 }) => digests.has(md5)),
    "all of the command's, of an older version",
  );
  return own;
}

async function oneByOne(
  video: VideoDecoder,
  indices: readonly number[],
  frames: readonly TrueFrame[],
): Promise<string[]> {
  const all: string[] = [];
  for (const index of indices) {
    const frame = await video.getFrameAt(index);
    checkTime(frame, frames[index]?.pts ?? null);
    all.push(digest(frame));
    frame.release();
  }
  return all;
}

/** The tools print six decimals. */
function checkTime(frame: Frame, pts: number | null): void {
  if (pts !== null) assert.ok(Math.abs(frame.ptsSeconds - pts) < 2e-6, `pts of frame ${frame.index}`);
}
