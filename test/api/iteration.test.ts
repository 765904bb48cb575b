import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Frame, FramepoolTypeError, type FramesOptions, type VideoDecoder } from "../../src/index.js";
import { intra, plain, slow } from "./support/clips.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

describe("iterating over frames", () => {
  const pool = testPool();
  let video: VideoDecoder;
  let all: readonly string[];

  before(async () => {
    video = await pool.openVideo(plain.path());
    all = digests(await video.getAllFrames());
  });

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

  it("wrong options are refused", async () => {
    for (const options of [{ step: 0 }, { step: -1 }, { step: 1.5 }, { start: NaN }, { stop: "5" }, { begin: 3 }]) {
      await assert.rejects(video.frames(options as FramesOptions).next(), FramepoolTypeError);
    }
  });
});
