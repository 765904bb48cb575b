import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { pattern } from "./support/hard-clip.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

const { frames, width, height } = plain;

describe("frames by number", () => {
  const pool = testPool();
  let video: VideoDecoder;
  let all: readonly string[];

  before(async () => {
    video = await pool.openVideo(plain.path());
    const batch = await video.getAllFrames();
    all = digests(batch);
    batch.release();
    assert.equal(new Set(all).size, frames, "the pictures of the clip differ from each other");
  });

  it("getFrameAt gives the frame and all about it", async () => {
    const frame = await video.getFrameAt(7);
    assert.equal(digest(frame), all[7]);
    assert.equal(frame.index, 7);
    assert.equal(frame.ptsSeconds, 0.28);
    assert.equal(frame.durationSeconds, 0.04);
    assert.equal(frame.status, "ok");
    assert.deepEqual([frame.width, frame.height, frame.pixelFormat, frame.dtype], [width, height, "rgb24", "uint8"]);
    assert.deepEqual(frame.shape, [height, width, 3]);
    assert.equal(frame.planes, undefined);
    assert.ok(frame.data instanceof Uint8Array);
    assert.equal(frame.data.length, height * width * 3);
  });

  it("negative numbers count from the end", async () => {
    for (const index of [-1, -2, -frames]) {
      const frame = await video.getFrameAt(index);
      assert.equal(frame.index, frames + index);
      assert.equal(digest(frame), all[frames + index]);
    }
  });

  it("numbers outside the video are E_OUT_OF_RANGE, one or among others", async () => {
    for (const index of [frames, frames + 1, -frames - 1, 2 ** 31 - 1, -(2 ** 31)]) {
      const error = await rejection(video.getFrameAt(index), "E_OUT_OF_RANGE");
      assert.match(error.message, new RegExp(`plain\\.mp4: frame ${index} is outside the video's 50 frames$`));
      await rejection(video.getFramesAt([0, index]), "E_OUT_OF_RANGE");
    }
  });

  it("getFramesAt keeps the caller's order and repetitions", async () => {
    const wanted = [49, 0, 13, 13, -1, 12, 0, 49, 24, -50];
    const batch = await video.getFramesAt(wanted);
    const normal = wanted.map((index) => (index < 0 ? index + frames : index));
    assert.equal(batch.length, wanted.length);
    assert.deepEqual(batch.shape, [wanted.length, height, width, 3]);
    assert.deepEqual([...batch.indices], normal);
    assert.deepEqual(
      [...batch.ptsSeconds],
      normal.map((index) => index / 25),
    );
    assert.deepEqual(
      [...batch.durationSeconds],
      normal.map(() => 0.04),
    );
    assert.deepEqual(
      batch.status,
      normal.map(() => "ok"),
    );
    assert.equal(batch.targetSeconds, undefined);
    assert.deepEqual(
      digests(batch),
      normal.map((index) => all[index]),
    );
  });

  it("every permutation of all frames gives the same pictures", async () => {
    for (const order of [range(0, frames).toReversed(), shuffled(range(0, frames)), shuffled(range(0, frames), 7)]) {
      assert.deepEqual(
        digests(await video.getFramesAt(order)),
        order.map((index) => all[index]),
      );
    }
  });

  it("one after the other, in any order, gives the same pictures", async () => {
    for (const index of [5, 6, 7, 6, 5, 49, 48, 0, 0, 23, 25, 24]) {
      assert.equal(digest(await video.getFrameAt(index)), all[index], `frame ${index}`);
    }
  });

  it("calls at the same time do not disturb each other", async () => {
    const order = shuffled(range(0, frames), 3);
    const taken = await Promise.all(order.map((index) => video.getFrameAt(index)));
    assert.deepEqual(
      taken.map(digest),
      order.map((index) => all[index]),
    );
  });

  it("typed arrays and other iterables are lists of numbers too", async () => {
    for (const list of [Int32Array.of(3, 1), Float64Array.of(3, 1), new Set([3, 1])]) {
      assert.deepEqual([...(await video.getFramesAt(list)).indices], [3, 1]);
    }
  });

  it("no numbers give no frames", async () => {
    const batch = await video.getFramesAt([]);
    assert.equal(batch.length, 0);
    assert.deepEqual(batch.shape, [0, height, width, 3]);
    assert.equal(batch.data.length, 0);
    assert.deepEqual([...batch], []);
    assert.equal(batch.indices.length + batch.ptsSeconds.length + batch.durationSeconds.length, 0);
  });

  // Like Array.prototype.slice, with a step.
  const slices: readonly (readonly [start: number, stop: number, step: number | undefined])[] = [
    [0, 5, undefined],
    [10, 20, 3],
    [10, 19, 3],
    [0, 50, 49],
    [0, 50, 50],
    [45, 1000, 2],
    [-5, 50, 1],
    [-5, -2, 1],
    [-1000, 3, 1],
    [5, 5, 1],
    [5, 3, 1],
    [50, 60, 1],
    [1000, 2000, 7],
    [-1, -5, 1],
  ];
  for (const [start, stop, step] of slices) {
    it(`getFramesInRange(${start}, ${stop}${step === undefined ? "" : `, { step: ${step} }`}) is that slice`, async () => {
      const expected = range(0, frames)
        .slice(start, stop)
        .filter((_, at) => at % (step ?? 1) === 0);
      const batch = await video.getFramesInRange(start, stop, { step });
      assert.deepEqual([...batch.indices], expected);
      assert.deepEqual(
        digests(batch),
        expected.map((index) => all[index]),
      );
    });
  }

  it("keyFrameIndices are the frames that a decoder can start at", async () => {
    assert.deepEqual(await video.keyFrameIndices(), Int32Array.of(0, 12, 24, 36, 48));
  });

  it("the same of raw H.263, all of whose packets FFmpeg marks", async () => {
    const encoder = ["-c:v", "h263", "-g", "12", "-f", "h263"];
    const path = clip("raw.h263", [...pattern(30, "176x144"), ...encoder]);
    const raw = await pool.openVideo(path);
    assert.deepEqual(await raw.keyFrameIndices(), Int32Array.of(0, 12, 24));
    await raw.close();
  });

  it("metadata says what the file and its frames are", () => {
    assert.equal(video.length, frames);
    assert.deepEqual(
      { ...video.metadata, container: undefined, bitRate: undefined, pixelAspectRatio: undefined },
      {
        codec: "mpeg4",
        width,
        height,
        codedWidth: width,
        codedHeight: height,
        pixelFormat: "yuv420p",
        numFrames: frames,
        numFramesFromHeader: frames,
        numFramesFromContent: frames,
        averageFps: 25,
        averageFpsFromHeader: 25,
        durationSeconds: 2,
        durationSecondsFromHeader: 2,
        beginStreamSeconds: 0,
        beginStreamSecondsFromHeader: 0,
        beginStreamSecondsFromContent: 0,
        endStreamSeconds: 2,
        endStreamSecondsFromContent: 2,
        bitRate: undefined,
        pixelAspectRatio: undefined,
        rotation: null,
        colorPrimaries: null,
        colorSpace: null,
        colorTransferCharacteristic: null,
        colorRange: null,
        streamIndex: 0,
        container: undefined,
        containerDurationSeconds: 2,
        timeBase: { num: 1, den: 12800 },
      },
    );
    assert.match(video.metadata.container, /mp4/);
    assert.ok(video.metadata.bitRate! > 10_000 && video.metadata.bitRate! < 10_000_000);
  });
});
