import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type ClipBatch, type VideoDecoder, samplers } from "../../src/index.js";
import { gap, plain } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

const pool = testPool();
const open = (): Promise<VideoDecoder> => pool.openVideo(plain.path());

/** Frame numbers, one list a clip. */
const byClip = ({ indices, numFramesPerClip, length }: ClipBatch): number[][] =>
  Array.from({ length }, (_, clip) => [...indices.subarray(clip * numFramesPerClip, (clip + 1) * numFramesPerClip)]);

suite("regular indices", () => {
  const cases: readonly {
    name: string;
    options: Parameters<typeof samplers.clipsAtRegularIndices>[1];
    expected: number[][];
  }[] = [
    { name: "one clip of one frame starts at the beginning", options: {}, expected: [[0]] },
    {
      name: "the first and the last start of the range are taken",
      options: { numClips: 3 },
      expected: [[0], [24], [49]],
    },
    {
      // 49 / 3 apart; the second half is counted from the end: 49 - 16.33 is 32.67.
      name: "the second half is counted from the end, and truncated",
      options: { numClips: 4 },
      expected: [[0], [16], [32], [49]],
    },
    {
      name: "by default clips fit into the video",
      options: { numClips: 2, numFramesPerClip: 3, numIndicesBetweenFrames: 10 },
      expected: [
        [0, 10, 20],
        [29, 39, 49],
      ],
    },
    {
      name: "starts repeat when there are more clips than places",
      options: { numClips: 5, samplingRangeStart: 10, samplingRangeEnd: 13 },
      expected: [[10], [10], [11], [11], [12]],
    },
    {
      name: "negative ends count from the video's",
      options: { numClips: 2, samplingRangeStart: -10, samplingRangeEnd: -5 },
      expected: [[40], [44]],
    },
    {
      name: "an end beyond the video's is the video's, and the last frame is repeated",
      options: {
        numClips: 2,
        numFramesPerClip: 4,
        numIndicesBetweenFrames: 2,
        samplingRangeStart: 46,
        samplingRangeEnd: 99,
      },
      expected: [
        [46, 48, 48, 48],
        [49, 49, 49, 49],
      ],
    },
    {
      name: "wrap begins the clip again",
      options: {
        numFramesPerClip: 5,
        numIndicesBetweenFrames: 2,
        samplingRangeStart: 45,
        samplingRangeEnd: 46,
        policy: "wrap",
      },
      expected: [[45, 47, 49, 45, 47]],
    },
    {
      name: "a clip longer than the video starts at its first frame",
      options: { numFramesPerClip: 60 },
      expected: [[...Array.from({ length: 50 }, (_, i) => i), ...Array.from({ length: 10 }, () => 49)]],
    },
  ];
  for (const { name, options, expected } of cases) {
    test(name, async () => {
      const batch = await samplers.clipsAtRegularIndices(await open(), options);
      assert.deepEqual(byClip(batch), expected);
    });
  }
});

suite("regular timestamps", () => {
  test("clips start every so many seconds from the beginning", async () => {
    const batch = await samplers.clipsAtRegularTimestamps(await open(), { secondsBetweenClipStarts: 0.5 });
    assert.deepEqual(byClip(batch), [[0], [12], [25], [37]]);
  });

  test("frames of a clip are a frame apart by default, or as far as asked", async () => {
    const video = await open();
    const next = await samplers.clipsAtRegularTimestamps(video, {
      secondsBetweenClipStarts: 1,
      numFramesPerClip: 3,
      samplingRangeStart: 0.02,
    });
    assert.deepEqual(byClip(next), [
      [0, 1, 2],
      [25, 26, 27],
    ]);
    const apart = await samplers.clipsAtRegularTimestamps(video, {
      secondsBetweenClipStarts: 1,
      numFramesPerClip: 2,
      secondsBetweenFrames: 0.5,
    });
    assert.deepEqual(byClip(apart), [
      [0, 12],
      [25, 37],
    ]);
  });

  test("no clip starts at the end of the range or after", async () => {
    const options = { secondsBetweenClipStarts: 0.1, samplingRangeStart: 1, samplingRangeEnd: 1.3 };
    const batch = await samplers.clipsAtRegularTimestamps(await open(), options);
    assert.deepEqual(byClip(batch), [[25], [27], [30]]);
  });

  test("beyond the end, the policy decides", async () => {
    const video = await open();
    const options = {
      secondsBetweenClipStarts: 1,
      numFramesPerClip: 3,
      secondsBetweenFrames: 0.5,
      samplingRangeStart: 1.2,
      samplingRangeEnd: 1.3,
    };
    assert.deepEqual(byClip(await samplers.clipsAtRegularTimestamps(video, options)), [[30, 42, 42]]);
    assert.deepEqual(byClip(await samplers.clipsAtRegularTimestamps(video, { ...options, policy: "wrap" })), [
      [30, 42, 30],
    ]);
    await rejection(samplers.clipsAtRegularTimestamps(video, { ...options, policy: "error" }), "E_OUT_OF_RANGE");
  });

  test("a stream that begins later is sampled from its beginning, and what is on screen in a gap is taken", async () => {
    const video = await pool.openVideo(gap.later());
    const batch = await samplers.clipsAtRegularTimestamps(video, { secondsBetweenClipStarts: 0.3 });
    assert.deepEqual(byClip(batch), [[0], [4]]);
    assert.equal(batch.ptsSeconds[0], 10);
  });
});

suite("random samplers", () => {
  const options = { numClips: 200, numFramesPerClip: 2, numIndicesBetweenFrames: 3, seed: 7 };

  test("a seed draws the same clips, another one others", async () => {
    const video = await open();
    const once = byClip(await samplers.clipsAtRandomIndices(video, options));
    assert.deepEqual(byClip(await samplers.clipsAtRandomIndices(video, options)), once);
    assert.notDeepEqual(byClip(await samplers.clipsAtRandomIndices(video, { ...options, seed: 8 })), once);
  });

  test("starts cover the whole range, and nothing beyond", async () => {
    const batch = await samplers.clipsAtRandomIndices(await open(), { ...options, samplingRangeStart: 40 });
    const starts = new Set(
      byClip(batch).map(([first, second]) => {
        assert.equal(second, first! + 3);
        return first;
      }),
    );
    assert.deepEqual([...starts].sort(), [40, 41, 42, 43, 44, 45, 46]);
  });

  test("a generator draws where it is given", async () => {
    const video = await open();
    const draws = [0, 0.5, 0.999];
    const generator = (): number => draws.shift() ?? assert.fail("one draw a clip");
    const batch = await samplers.clipsAtRandomIndices(video, { numClips: 3, generator });
    assert.deepEqual(byClip(batch), [[0], [25], [49]]);
    const again = samplers.seededRandom(7);
    const drawn = await samplers.clipsAtRandomIndices(video, { ...options, seed: undefined, generator: again });
    assert.deepEqual(byClip(drawn), byClip(await samplers.clipsAtRandomIndices(video, options)));
  });

  test("without a seed, calls differ", async () => {
    const video = await open();
    const draw = async (): Promise<number[][]> =>
      byClip(await samplers.clipsAtRandomIndices(video, { ...options, seed: undefined }));
    assert.notDeepEqual(await draw(), await draw());
  });

  test("timestamps are drawn from the range, and clips fit into the video", async () => {
    const video = await open();
    const batch = await samplers.clipsAtRandomTimestamps(video, {
      numClips: 100,
      numFramesPerClip: 2,
      secondsBetweenFrames: 0.4,
      samplingRangeStart: 1.2,
      seed: 3,
    });
    const starts = new Set<number>();
    for (const [first, second] of byClip(batch)) {
      assert.ok(second! - first! >= 9 && second! - first! <= 11, `${String(first)} ${String(second)}`);
      starts.add(first!);
    }
    assert.deepEqual(
      [...starts].sort((a, b) => a - b),
      [30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
    );
  });
});

suite("clip batches", () => {
  test("one piece of memory, by clip and by frame", async () => {
    const video = await open();
    const batch = await samplers.clipsAtRegularIndices(video, {
      numClips: 3,
      numFramesPerClip: 4,
      numIndicesBetweenFrames: 5,
    });
    assert.deepEqual(batch.shape, [3, 4, 64, 96, 3]);
    assert.equal(batch.data.length, 3 * 4 * 64 * 96 * 3);
    assert.deepEqual(
      [...batch.ptsSeconds],
      [...batch.indices].map((index) => index / 25),
    );
    assert.ok(batch.durationSeconds.every((duration) => duration === 0.04));
    const clips = [...batch];
    assert.deepEqual(
      clips.map(({ shape }) => shape),
      [1, 2, 3].map(() => [4, 64, 96, 3]),
    );
    const whole = await video.getFramesAt(batch.indices);
    assert.deepEqual(batch.data, whole.data);
    const last = batch.clip(-1);
    assert.deepEqual(last.frame(3).data, whole.frame(11).data);
    assert.equal(last.data.buffer, batch.data.buffer);
    batch.release();
    assert.throws(() => last.data, { code: "E_CLOSED" });
    assert.throws(() => batch.clip(3), { code: "E_OUT_OF_RANGE" });
  });

  test("NCHW clips have their channels before the picture", async () => {
    const video = await pool.openVideo(plain.path(), { dimensionOrder: "NCHW", dtype: "float32" });
    const batch = await samplers.clipsAtRandomIndices(video, { numClips: 2, numFramesPerClip: 2, seed: 1 });
    assert.deepEqual(batch.shape, [2, 2, 3, 64, 96]);
    assert.ok(batch.data instanceof Float32Array);
  });

  test("uniform frames are spread from the first to the last", async () => {
    const batch = await samplers.uniformFrames(await open(), 5);
    assert.deepEqual([...batch.indices], [0, 12, 24, 36, 49]);
    assert.deepEqual([...(await samplers.uniformFrames(await open(), 1)).indices], [0]);
  });
});

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
