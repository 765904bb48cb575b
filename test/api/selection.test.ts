import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { DecoderPool, FrameBatch, FrameSelection, VideoDecoder } from "../../src/index.js";
import { gap, plainMkv, still } from "./support/clips.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { collect, range } from "./support/sequences.js";
import { sharedVideos, withSharedMedia } from "./support/shared-media.js";
import { connected } from "./support/user-thread.js";

/** What a selection comes to, through one door. */
interface Answer {
  readonly indices: readonly number[];
  readonly targets: readonly number[] | undefined;
  readonly pixels: readonly string[];
}

type Door = (pool: DecoderPool, path: string, selection: FrameSelection) => Promise<Answer>;

function answerOf(batches: readonly FrameBatch[]): Answer {
  const targets = batches.map(({ targetSeconds }) => targetSeconds);
  return {
    indices: batches.flatMap(({ indices }) => [...indices]),
    targets: targets.includes(undefined) ? undefined : targets.flatMap((times) => [...times!]),
    pixels: batches.flatMap(digests),
  };
}

const doors: Readonly<Record<string, Door>> = {
  getFrames: async (pool, path, selection) => {
    const video = await pool.openVideo(path);
    return answerOf([await video.getFrames(selection)]);
  },
  frames: async (pool, path, selection) => {
    const video = await pool.openVideo(path);
    const frames = await collect(video.frames(selection));
    const targets = frames.map(({ targetSeconds }) => targetSeconds);
    return {
      indices: frames.map(({ index }) => index),
      targets: targets.includes(undefined) ? undefined : targets.map((time) => time!),
      pixels: frames.map(digest),
    };
  },
  "batches of 3": async (pool, path, selection) => {
    const video = await pool.openVideo(path);
    const batches = await collect(video.batches({ size: 3, ...selection }));
    batches.slice(0, -1).forEach(({ length }) => assert.equal(length, 3));
    return answerOf(batches);
  },
  extract: async (pool, path, selection) => {
    const [result] = await collect(pool.extract([{ source: path, ...selection }]));
    if (result?.error !== undefined) throw result.error;
    return answerOf([result!.batch]);
  },
};

type Case = readonly [selection: FrameSelection, frames: readonly number[], targets?: readonly number[]];

/** Ten pictures that come at 10.00 to 10.16 and 10.40 to 10.56; the last one is on screen until 10.6. */
const later: readonly Case[] = [
  [{ indices: [3, -1, 3, 0] }, [3, 9, 3, 0]],
  [{ indices: [-100, 4, 100], clamp: true }, [0, 4, 9]],
  [{ times: [10.45, 10, 10.3] }, [6, 0, 4], [10.45, 10, 10.3]],
  [{ times: [0.45, 0, 0.3], from: "start" }, [6, 0, 4], [10.45, 10, 10.3]],
  [{ times: [10.05], from: "clock" }, [1], [10.05]],
  [{ times: [-1, 0.05, 7], from: "start", clamp: true }, [0, 1, 9], [9, 10.05, 17]],
  [{ times: [0, 1000], clamp: true }, [0, 9], [0, 1000]],
  [{ fractions: [0, 0.5, 1, 0.25] }, [0, 4, 9, 3], [10, 10.3, 10.6, 10.15]],
  [{ every: 0.2 }, [0, 4, 5], [10, 10.2, 10.4]],
  [{ count: 4 }, [0, 3, 6, 9]],
  [{ count: 1 }, [0]],
  [{ keyFrames: true }, [0, 6, 9]],
  [{ range: {} }, range(0, 10)],
  [{ range: { start: -3 } }, [7, 8, 9]],
  [{ range: { start: 1, stop: 100, step: 4 } }, [1, 5, 9]],
  [{ range: { startSeconds: 10.1, stopSeconds: 10.42 } }, [2, 3, 4, 5]],
  [{ range: { startSeconds: 0.1, stopSeconds: 0.42 }, from: "start" }, [2, 3, 4, 5]],
  [{ range: { stopSeconds: 0.08 }, from: "start" }, [0, 1]],
  [{ range: { startSeconds: 10.5 } }, [7, 8, 9]],
  [{ range: { startSeconds: 0.5, stopSeconds: 5 }, from: "start", clamp: true }, [7, 8, 9]],
  [{ range: { startSeconds: -9, stopSeconds: -5 }, clamp: true }, []],
  [{ range: { startSeconds: 0.1, stopSeconds: 0.5, fps: 5 }, from: "start" }, [2, 4], [10.1, 10.3]],
  [{ range: { fps: 5 } }, [0, 4, 5], [10, 10.2, 10.4]],
];

describe("one selection everywhere, of a file whose clock begins at 10 s", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  let all: readonly string[];

  before(async () => {
    const video = await pool.openVideo(gap.later());
    assert.equal(video.metadata.beginStreamSeconds, 10);
    all = digests(await video.getAllFrames());
  });

  for (const [where, own] of [
    ["", pool],
    [", over a connection", client],
  ] as const) {
    for (const [name, door] of Object.entries(doors)) {
      for (const [selection, frames, targets] of later) {
        it(`${name}(${JSON.stringify(selection)})${where}`, async () => {
          const answer = await door(own, gap.later(), selection);
          assert.deepEqual(answer.indices, frames);
          assert.deepEqual(
            answer.pixels,
            frames.map((frame) => all[frame]),
          );
          assert.deepEqual(answer.targets?.map(rounded), frames.length === 0 ? answer.targets : targets?.map(rounded));
        });
      }
    }
  }

  it("a time outside the video is E_OUT_OF_RANGE without `clamp`, and names the file", async () => {
    const outside: readonly FrameSelection[] = [
      { times: [9.99] },
      { times: [10.6] },
      { times: [-0.01], from: "start" },
      { times: [0.6], from: "start" },
      { indices: [10] },
      { range: { startSeconds: 0, stopSeconds: 10.1 } },
      { range: { startSeconds: 0.2, stopSeconds: 0.7, fps: 2 }, from: "start" },
    ];
    for (const door of ["getFrames", "extract"]) {
      for (const selection of outside) {
        const error = await rejection(doors[door]!(pool, gap.later(), selection), "E_OUT_OF_RANGE");
        assert.equal(error.source, gap.later());
      }
    }
  });

  it("times since the first picture that were reckoned from two times of pictures name these pictures", async () => {
    const video = await pool.openVideo(gap.later());
    const { ptsSeconds } = await video.getAllFrames();
    const since = Array.from(ptsSeconds, (time) => time - ptsSeconds[0]!);
    // Sums of doubles: some come out before the picture.
    assert.ok(since.some((time, i) => 10 + time !== ptsSeconds[i]) || since.some((time, i) => time !== gap.pts[i]));
    const batch = await video.getFrames({ times: since, from: "start" });
    assert.deepEqual([...batch.indices], range(0, 10));
    const own = await video.getFrames({ times: gap.pts, from: "start" });
    assert.deepEqual([...own.indices], range(0, 10));
  });
});

function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

describe("select", () => {
  const pool = testPool({ workers: 1 });

  it("says which frames a selection means, without decoding one", async () => {
    const video = await pool.openVideo(gap.later());
    for (const [selection, frames, targets] of later) {
      const { indices, targetSeconds } = video.select(selection);
      assert.deepEqual([...indices], frames);
      assert.deepEqual(targetSeconds && Array.from(targetSeconds, rounded), targets?.map(rounded));
    }
    assert.throws(() => video.select({ indices: [10] }), { code: "E_OUT_OF_RANGE" });
    assert.throws(() => video.select({ evry: 1 } as never), { code: "E_ARGUMENT", message: /selection\.evry/ });
  });
});

describe("a selection in approximate mode", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  const cases: readonly Case[] = [
    [{ indices: [49, 0, -1] }, [49, 0, 49]],
    [{ indices: [70], clamp: true }, [49]],
    [{ times: [1.01, 0.5], from: "start" }, [25, 12], [1.01, 0.5]],
    [{ times: [-1, 3], clamp: true }, [0, 49], [-1, 3]],
    [{ fractions: [0, 0.5, 1] }, [0, 25, 49], [0, 1, 2]],
    [{ every: 0.5 }, [0, 12, 25, 37], [0, 0.5, 1, 1.5]],
    [{ count: 3 }, [0, 24, 49]],
    [{ range: { start: -2 } }, [48, 49]],
    [{ range: { startSeconds: 0.1, stopSeconds: 0.2 } }, [2, 3, 4]],
    [{ range: { startSeconds: 1, fps: 4 } }, [25, 31, 37, 43], [1, 1.25, 1.5, 1.75]],
  ];
  for (const [selection, frames, targets] of cases) {
    it(JSON.stringify(selection), async () => {
      for (const own of [pool, client]) {
        const video = await own.openVideo(plainMkv(), { seekMode: "approximate" });
        const batch = await video.getFrames(selection);
        assert.deepEqual([...batch.indices], frames);
        assert.deepEqual(batch.targetSeconds && [...batch.targetSeconds], targets);
        const streamed = await collect(video.frames(selection));
        assert.deepEqual(streamed.map(digest), digests(batch));
        const inBatches = await collect(video.batches({ size: 2, ...selection }));
        assert.deepEqual(inBatches.flatMap(digests), digests(batch));
        await video.close();
      }
    });
  }

  it("has no key frames where only a scan would tell: E_METADATA", async () => {
    const video = await pool.openVideo(plainMkv(), { seekMode: "approximate" });
    await rejection(video.getFrames({ keyFrames: true }), "E_METADATA");
  });
});

describe("a video of one picture, which is on screen for no time", () => {
  const pool = testPool({ workers: 1 });
  const selections: readonly FrameSelection[] = [
    { every: 1 },
    { count: 1 },
    { times: [0] },
    { times: [5], clamp: true },
    { fractions: [0.5] },
    { indices: [-1] },
    { range: {} },
  ];
  for (const selection of selections) {
    for (const [name, door] of Object.entries(doors)) {
      it(`has it by ${name}(${JSON.stringify(selection)})`, async () => {
        assert.deepEqual((await door(pool, still(), selection)).indices, [0]);
      });
    }
  }
});

withSharedMedia(() => {
  describe("real files: selections by time are what the file's own times say", () => {
    const pool = testPool({ workers: 2 });
    for (const { name, path, frames } of sharedVideos("real")) {
      const pts = frames.map((frame) => frame.pts);
      // Where times are missing or step back, what is on screen is the index's to say, not these lists'.
      if (pts.some((time, i) => time === null || (i > 0 && time <= pts[i - 1]!))) continue;
      it(name, async () => {
        const video = await pool.openVideo(path);
        await checkTimes(video, pts as readonly number[]);
        await video.close();
      });
    }
  });
});

async function checkTimes(video: VideoDecoder, pts: readonly number[]): Promise<void> {
  const begin = pts[0]!;
  const end = video.metadata.endStreamSeconds!;
  const shownAt = (time: number): number =>
    Math.max(
      0,
      pts.findLastIndex((each) => each <= time + 1e-6),
    );
  const some = [0, 0.31, 0.5, 0.77, 1].map((part) => Math.min(pts.length - 1, Math.floor(part * pts.length)));
  const middles = some.map((i) => ((pts[i + 1] ?? end) + pts[i]!) / 2 - begin);

  const atTimes = await video.getFrames({ times: middles, from: "start" });
  assert.deepEqual([...atTimes.indices], some);
  atTimes.release();

  const fractions = [0, 1 / 3, 0.5, 0.9, 1];
  const parts = await video.getFrames({ fractions });
  assert.deepEqual(
    [...parts.indices],
    fractions.map((part) => shownAt(begin + part * (end - begin))),
  );
  parts.release();

  const beyond = await video.getFrames({ times: [begin - 1, end + 1], clamp: true });
  assert.deepEqual([...beyond.indices], [0, pts.length - 1]);
  beyond.release();
}
