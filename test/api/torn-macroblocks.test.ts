// H.264: of a macroblock that cannot be read in full, FFmpeg's decoder adds what it has of it to a later one, of whichever picture.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { withBitErrors } from "./support/damage.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { digest, streamDigests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool({ workers: 1 });
const [groups, groupSize] = [6, 12];

interface Case {
  readonly name: string;
  readonly bFrames: number;
  /** Of each group but the last, the packet that is damaged, whose picture no other one needs. */
  readonly packet: number;
  /** Its frame. */
  readonly frame: number;
}

const cases: readonly Case[] = [
  { name: "the last picture of each group", bFrames: 0, packet: 11, frame: 11 },
  { name: "a picture that no other refers to", bFrames: 3, packet: 2, frame: 1 },
];

async function seen(
  path: string,
  threadsPerWorker: number,
  seekMode: "exact" | "approximate",
  backwards = false,
): Promise<string[]> {
  const video = await pool.openVideo(path, { pixelFormat: "native", threadsPerWorker, seekMode });
  const pictures: string[] = [];
  for await (const frame of backwards ? fromTheEnd(video) : video.frames()) {
    pictures[Math.round(frame.ptsSeconds * 25)] = frame.status === "ok" ? digest(frame) : frame.status;
    frame.release();
  }
  await video.close();
  return pictures;
}

async function* fromTheEnd(video: VideoDecoder): ReturnType<VideoDecoder["frames"]> {
  for (const index of range(0, groups * groupSize).toReversed()) yield await video.getFrameAt(index);
}

describe("macroblocks of H.264 that cannot be read in full", () => {
  for (const { name, bFrames, packet, frame } of cases) {
    if (!canEncode("libx264")) it(`NOT CHECKED HERE, no libx264: ${name}`, () => undefined);
    else it(`${name}: all other pictures are as without the damage`, () => check(bFrames, packet, frame));
  }
});

async function check(bFrames: number, packet: number, frame: number): Promise<void> {
  const whole = clip(`torn-${String(bFrames)}.mp4`, [
    ...["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-frames:v", String(groups * groupSize)],
    ...["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"],
    ...["-g", String(groupSize), "-bf", String(bFrames)],
    ...["-x264-params", "crf=8:cabac=0:b-pyramid=none:b-adapt=0:scenecut=0"],
  ]);
  const starts = range(0, groups - 1).map((group) => group * groupSize);
  const path = withBitErrors(
    whole,
    starts.map((start) => start + packet),
  );
  const intact = await pool.openVideo(whole, { pixelFormat: "native" });
  const expected = await streamDigests(intact.frames());
  await intact.close();
  const pictures = [...expected];
  for (const start of starts) pictures[start + frame] = "damaged";

  for (const threads of [1, 2, 4]) {
    assert.deepEqual(await seen(path, threads, "exact"), pictures, `${String(threads)} threads`);
    assert.deepEqual(await seen(path, threads, "exact", true), pictures, `backwards, ${String(threads)} threads`);
    // In a group it may say less.
    for (const [at, picture] of (await seen(path, threads, "approximate")).entries()) {
      const behind = at % groupSize > frame || bFrames > 0;
      if (picture !== "damaged" || !behind || at >= (groups - 1) * groupSize) {
        assert.equal(picture, pictures[at], `approximate, ${String(threads)} threads, frame ${String(at)}`);
      }
    }
  }
}
