import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type BatchesOptions,
  DecoderPool,
  type Frame,
  type FrameBatch,
  FramepoolTypeError,
  type FramesOptions,
  type VideoDecoder,
} from "../../src/index.js";
import { intra, plain, slow, twoSizes } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool();
let video: VideoDecoder;
let all: readonly string[];

before(async () => {
  video = await pool.openVideo(plain.path());
  all = digests(await video.getAllFrames());
});

describe("iterating over frames", () => {
  async function collect(options: FramesOptions): Promise<Frame[]> {
    const frames: Frame[] = [];
    for await (const frame of video.frames(options)) frames.push(frame);
    return frames;
  }

  const cases: readonly (readonly [options: FramesOptions, frames: readonly number[]])[] = [
    [{}, range(0, 50)],
    [{ start: 10 }, range(10, 50)],
    [{ stop: 10 }, range(0, 10)],
    [{ start: 10, stop: 20 }, range(10, 20)],
    [{ step: 7 }, range(0, 50, 7)],
    [{ start: 5, stop: 45, step: 13 }, range(5, 45, 13)],
    [{ start: -3 }, [47, 48, 49]],
    [{ stop: -45 }, range(0, 5)],
    [{ start: -5, stop: -3 }, [45, 46]],
    [{ start: 45, stop: 1000 }, range(45, 50)],
    [{ start: -1000, stop: 2 }, [0, 1]],
    [{ start: 20, stop: 10 }, []],
    [{ start: 50 }, []],
    [{ step: 1000 }, [0]],
  ];
  for (const [options, expected] of cases) {
    it(`frames(${JSON.stringify(options)})`, async () => {
      const frames = await collect(options);
      assert.deepEqual(
        frames.map(({ index }) => index),
        expected,
      );
      assert.deepEqual(
        frames.map(digest),
        expected.map((index) => all[index]),
      );
      assert.deepEqual(
        frames.map(({ ptsSeconds }) => ptsSeconds),
        expected.map((index) => index / 25),
      );
    });
  }

  it("for await over the decoder itself is every frame", async () => {
    let next = 0;
    for await (const frame of video) {
      assert.equal(frame.index, next);
      assert.equal(digest(frame), all[next]);
      frame.release();
      next++;
    }
    assert.equal(next, plain.frames);
  });

  it("frames that are all kept stay readable, and keeping them blocks nothing", async () => {
    const clip = await pool.openVideo(slow.path());
    const kept: Frame[] = [];
    // More than is decoded ahead, many times over.
    for await (const frame of clip.frames({ stop: 120 })) kept.push(frame);
    assert.equal(kept.length, 120);
    const seen = new Set(kept.map(digest));
    assert.equal(seen.size, 120, "no frame's memory was used for another");
    assert.equal(digest(kept[60]!), digest(await clip.getFrameAt(60)));
    for (const frame of kept) frame.release();
    await clip.close();
  });

  it("each frame is released by itself", async () => {
    const frames = await collect({ stop: 12 });
    const [first, ...others] = frames;
    first!.release();
    assert.throws(() => first!.data, { code: "E_CLOSED" });
    assert.deepEqual(
      others.map(digest),
      all.slice(1, 12),
      "the others, of the same piece of memory perhaps, are untouched",
    );
  });

  it("leaving the loop ends it, and the decoder goes on", async () => {
    for (const leaveAt of [0, 1, 20]) {
      let last = -1;
      for await (const frame of video.frames()) {
        last = frame.index;
        if (last === leaveAt) break;
      }
      assert.equal(last, leaveAt);
      assert.equal(digest(await video.getFrameAt(30)), all[30]);
    }
  });

  it("an error of the loop's body passes through", async () => {
    const own = new Error("mine");
    const loop = async (): Promise<void> => {
      for await (const frame of video.frames()) if (frame.index === 3) throw own;
    };
    await assert.rejects(loop(), own);
  });

  it("two loops and other calls at once do not disturb each other", async () => {
    const loop = async (step: number): Promise<string[]> => (await collect({ step })).map(digest);
    const [every, third, one] = await Promise.all([loop(1), loop(3), video.getFrameAt(44)]);
    assert.deepEqual(every, all);
    assert.deepEqual(
      third,
      range(0, 50, 3).map((index) => all[index]),
    );
    assert.equal(digest(one), all[44]);
  });

  it("calls inside the loop get their answers", async () => {
    for await (const frame of video.frames({ step: 10 })) {
      assert.equal(digest(await video.getFrameAt(frame.index + 1)), all[frame.index + 1]);
    }
  });

  it("sparse frames, each behind its own key frame, are the same", async () => {
    const clip = await pool.openVideo(intra.path());
    const expected = digests(await clip.getAllFrames());
    const streamed: string[] = [];
    for await (const frame of clip) streamed.push(digest(frame));
    assert.deepEqual(streamed, expected);
  });

  it("nothing is decoded before the first frame is asked for", async () => {
    const clip = await pool.openVideo(plain.path());
    const frames = clip.frames();
    await clip.close();
    await rejection(frames.next(), "E_CLOSED");
  });

  it("wrong options are refused at the call", () => {
    for (const options of [{ step: 0 }, { step: -1 }, { step: 1.5 }, { start: NaN }, { stop: "5" }, { begin: 3 }]) {
      assert.throws(() => video.frames(options as FramesOptions), FramepoolTypeError);
    }
  });
});

describe("batches of frames", () => {
  const cases: readonly (readonly [options: BatchesOptions, rows: readonly number[], frames: readonly number[]])[] = [
    [{ size: 20 }, [20, 20, 10], range(0, 50)],
    [{ size: 25 }, [25, 25], range(0, 50)],
    [{ size: 1, start: 47 }, [1, 1, 1], [47, 48, 49]],
    [{ size: 1000 }, [50], range(0, 50)],
    [{ size: 4, start: 5, stop: 45, step: 4 }, [4, 4, 2], range(5, 45, 4)],
    [{ size: 4, start: 50 }, [], []],
    [{ size: 2, indices: [9, 3, 3, 40, -1] }, [2, 2, 1], [9, 3, 3, 40, 49]],
    [{ size: 2, times: [1, 1, 1] }, [2, 1], [25, 25, 25]],
  ];
  for (const [options, rows, frames] of cases) {
    it(`batches(${JSON.stringify(options)})`, async () => {
      const batches: FrameBatch[] = [];
      for await (const batch of video.batches(options)) batches.push(batch);
      assert.deepEqual(
        batches.map(({ length }) => length),
        rows,
      );
      assert.deepEqual(
        batches.flatMap(({ indices }) => [...indices]),
        frames,
      );
      assert.deepEqual(
        batches.flatMap(digests),
        frames.map((index) => all[index]),
      );
    });
  }

  it("are decoded ahead only as far as the budget goes, and one at a time without any", async () => {
    for (const memoryBudget of [0, 4 * 2 ** 20]) {
      const small = new DecoderPool({ workers: 1, memoryBudget });
      const clip = await small.openVideo(slow.path());
      let frames = 0;
      // A batch is 22 MB, more than a quarter of either budget.
      for await (const batch of clip.batches({ size: 8, stop: 40 })) {
        assert.deepEqual([...batch.indices], range(frames, frames + 8));
        frames += batch.length;
        batch.release();
      }
      assert.equal(frames, 40);
      await small.close();
    }
  });

  it("that are larger than a batch may be are E_LIMIT", async () => {
    const few = new DecoderPool({ workers: 1, limits: { maxOutputBytes: 96 * 64 * 3 * 10 } });
    const clip = await few.openVideo(plain.path());
    await rejection(clip.batches({ size: 11 }).next(), "E_LIMIT");
    assert.equal((await clip.batches({ size: 10 }).next()).value?.length, 10);
    await few.close();
  });

  it("end with the frames before one that cannot be decoded", async () => {
    const damaged = await pool.openVideo(withDeadPackets(intra.path(), [7]));
    const lengths: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const { length } of damaged.batches({ size: 5 })) lengths.push(length);
    };
    const error = await rejection(loop(), "E_DECODE");
    assert.equal(error.frame?.index, 7);
    assert.deepEqual(lengths, [5, 2]);
  });

  it("native frames of another size are E_FRAME_SIZE, never batches of one", async () => {
    const native = await pool.openVideo(twoSizes.jpeg(), { pixelFormat: "native" });
    const lengths: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const { length } of native.batches({ size: native.length })) lengths.push(length);
    };
    await rejection(loop(), "E_FRAME_SIZE");
    assert.deepEqual(lengths, []);
  });

  it("leaving the loop stops the decoding, and the decoder works on", async () => {
    for await (const batch of video.batches({ size: 3 })) {
      assert.equal(batch.length, 3);
      break;
    }
    assert.equal(digest(await video.getFrameAt(40)), all[40]);
  });
});

describe("what frames() and batches() are called with", () => {
  const pool = testPool({ workers: 1 });
  const wrong: readonly (readonly [name: string, call: (video: VideoDecoder) => unknown, message: RegExp])[] = [
    ["frames({ stpe })", (video) => video.frames({ stpe: 2 } as never), /options\.stpe/],
    ["frames({ step: 0 })", (video) => video.frames({ step: 0 }), /options\.step/],
    ["frames({ start: 0.5 })", (video) => video.frames({ start: 0.5 }), /options\.start/],
    ["frames({ signal })", (video) => video.frames({ signal: 1 } as never), /for signal/],
    ["frames({ count, start })", (video) => video.frames({ count: 2, start: 1 }), /options\.start/],
    ["frames({ from })", (video) => video.frames({ from: "start" } as never), /options\.from/],
    ["frames(null)", (video) => video.frames(null as never), /for options/],
    ["batches()", (video) => video.batches(undefined as never), /for options/],
    ["batches({})", (video) => video.batches({} as never), /options\.size/],
    ["batches({ size: 0 })", (video) => video.batches({ size: 0 }), /options\.size/],
    ["batches({ size: 2.5 })", (video) => video.batches({ size: 2.5 }), /options\.size/],
    ["batches({ size, step: 0 })", (video) => video.batches({ size: 2, step: 0 }), /options\.step/],
  ];
  for (const [name, call, message] of wrong) {
    it(`${name} throws at the call`, async () => {
      const video = await pool.openVideo(plain.path());
      assert.throws(() => call(video), { code: "E_ARGUMENT", message });
    });
  }

  it("frames and times outside the video throw at the call, too", async () => {
    const video = await pool.openVideo(plain.path());
    assert.throws(() => video.frames({ indices: [50] }), { code: "E_OUT_OF_RANGE" });
    assert.throws(() => video.batches({ size: 2, times: [2] }), { code: "E_OUT_OF_RANGE" });
  });
});
