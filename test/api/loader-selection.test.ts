import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { transforms as operations } from "../../src/index.js";
import { ClipLoader, type ClipSamplerOptions } from "../../src/loader/index.js";
import { gap, plain } from "./support/clips.js";
import { digests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { connected } from "./support/user-thread.js";

describe("a loader whose sampler is a selection", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  // 50 pictures from 0 s to 2 s, and 10 from 10 s to 10.6 s.
  const items = [plain.path(), gap.later()];
  const transforms = [operations.resize([64, 64])];
  const cases: readonly (readonly [ClipSamplerOptions, number[][], number[][]?])[] = [
    [
      { type: "selection", count: 3 },
      [
        [0, 24, 49],
        [0, 4, 9],
      ],
    ],
    [
      { type: "selection", indices: [-1, 0, 40], clamp: true },
      [
        [49, 0, 40],
        [9, 0, 9],
      ],
    ],
    [
      { type: "selection", fractions: [0.5, 1] },
      [
        [25, 49],
        [4, 9],
      ],
      [
        [1, 2],
        [10.3, 10.6],
      ],
    ],
    [
      { type: "selection", times: [0.1, 0.45], from: "start" },
      [
        [2, 11],
        [2, 6],
      ],
      [
        [0.1, 0.45],
        [10.1, 10.45],
      ],
    ],
  ];
  for (const [sampler, frames, targets] of cases) {
    it(`gives one clip of each video: ${JSON.stringify(sampler)}`, async () => {
      for (const own of [pool, client]) {
        for await (const batch of new ClipLoader({ pool: own, items, sampler, batchSize: 2, transforms })) {
          const clips = [...batch];
          assert.deepEqual(
            clips.map(({ indices }) => [...indices]),
            frames,
          );
          assert.deepEqual(
            clips[0]!.targetSeconds && clips.map(({ targetSeconds }) => Array.from(targetSeconds!, rounded)),
            targets,
          );
          for (const [i, clip] of clips.entries()) {
            const video = await own.openVideo(items[i]!, { transforms });
            assert.deepEqual(digests(clip), digests(await video.getFramesAt(frames[i]!)));
            await video.close();
          }
          batch.release();
        }
      }
    });
  }

  it("that may have another number of frames in each video is refused, and so is one of none", () => {
    const wrong = [{ every: 1 }, { keyFrames: true }, { range: {} }, { indices: [] }, { count: 0 }, { counts: 3 }, {}];
    for (const selection of wrong) {
      const sampler = { type: "selection", ...selection } as ClipSamplerOptions;
      assert.throws(() => new ClipLoader({ pool, items, sampler }), {
        code: "E_ARGUMENT",
        message: /options\.sampler/,
      });
    }
  });

  it("time samplers tell the times that their frames stand for", async () => {
    const sampler = { type: "regularTimestamps", secondsBetweenClipStarts: 1, numFramesPerClip: 2 } as const;
    for await (const batch of new ClipLoader({ pool, items: [plain.path()], sampler, batchSize: 2 })) {
      assert.deepEqual(Array.from(batch.targetSeconds!, rounded), [0, 0.04, 1, 1.04]);
      assert.deepEqual(Array.from(batch.clip(1).targetSeconds!, rounded), [1, 1.04]);
      batch.release();
    }
  });
});

function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
