import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type VideoDecoder, samplers } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

const pool = testPool();
const open = (): Promise<VideoDecoder> => pool.openVideo(plain.path());

suite("what cannot be sampled", () => {
  const misuse: readonly (readonly [string, (video: VideoDecoder) => Promise<unknown>])[] = [
    ["no clips", (video) => samplers.clipsAtRandomIndices(video, { numClips: 0 })],
    ["no frames", (video) => samplers.clipsAtRegularIndices(video, { numFramesPerClip: 0 })],
    ["no step", (video) => samplers.clipsAtRandomIndices(video, { numIndicesBetweenFrames: 0 })],
    ["half a clip", (video) => samplers.clipsAtRandomTimestamps(video, { numClips: 1.5 })],
    ["time standing still", (video) => samplers.clipsAtRandomTimestamps(video, { secondsBetweenFrames: 0 })],
    ["clips at one moment", (video) => samplers.clipsAtRegularTimestamps(video, { secondsBetweenClipStarts: 0 })],
    ["a seed that is no integer", (video) => samplers.clipsAtRandomIndices(video, { seed: 0.5 })],
    ["a seed and a generator", (video) => samplers.clipsAtRandomIndices(video, { seed: 1, generator: Math.random })],
    ["a seed where nothing is drawn", (video) => samplers.clipsAtRegularIndices(video, { seed: 1 } as object)],
    ["an unknown policy", (video) => samplers.clipsAtRandomIndices(video, { policy: "mirror" as "wrap" })],
    ["a count that is none", (video) => samplers.uniformFrames(video, 0)],
  ];
  for (const [name, call] of misuse) {
    test(`${name} is misuse`, async () => {
      await assert.rejects(call(await open()), { name: "FramepoolTypeError", code: "E_ARGUMENT" });
    });
  }

  const outside: readonly (readonly [string, (video: VideoDecoder) => Promise<unknown>])[] = [
    ["a start after the last frame", (video) => samplers.clipsAtRandomIndices(video, { samplingRangeStart: 50 })],
    ["a start before the first frame", (video) => samplers.clipsAtRandomIndices(video, { samplingRangeStart: -51 })],
    [
      "a start at the end",
      (video) => samplers.clipsAtRegularIndices(video, { samplingRangeStart: 5, samplingRangeEnd: 5 }),
    ],
    [
      "a start after which no clip fits",
      (video) => samplers.clipsAtRegularIndices(video, { samplingRangeStart: 45, numFramesPerClip: 10 }),
    ],
    [
      "a clip too long with the policy error",
      (video) => samplers.clipsAtRegularIndices(video, { numFramesPerClip: 51, policy: "error" }),
    ],
    ["a time before the beginning", (video) => samplers.clipsAtRandomTimestamps(video, { samplingRangeStart: -0.1 })],
    ["a time at the end", (video) => samplers.clipsAtRandomTimestamps(video, { samplingRangeStart: 2 })],
    [
      "a range that ends before it begins",
      (video) => samplers.clipsAtRandomTimestamps(video, { samplingRangeStart: 1, samplingRangeEnd: 0.5 }),
    ],
    [
      "clips longer than the video by time",
      (video) => samplers.clipsAtRandomTimestamps(video, { numFramesPerClip: 3, secondsBetweenFrames: 1 }),
    ],
  ];
  for (const [name, call] of outside) {
    test(`${name} is out of range`, async () => {
      await rejection(call(await open()), "E_OUT_OF_RANGE");
    });
  }

  test("a call is aborted by its signal", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(samplers.clipsAtRandomIndices(await open(), { signal }), reason);
  });
});
