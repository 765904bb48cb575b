import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExtractRequest, FrameSelection } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { testPool } from "./support/pool.js";

describe("requests that make no sense", () => {
  const pool = testPool({ workers: 1 });
  const cases: readonly (readonly [selection: unknown, message: RegExp])[] = [
    [{}, /Expected one of indices, times, fractions, every, count, keyFrames, range for NAME, received "none"/],
    [{ evry: 1 }, /for NAME\.evry, received "an unknown option"/],
    [{ count: 1, evry: 1 }, /for NAME\.evry/],
    [{ count: 1, every: 1 }, /received "every and count"/],
    [{ count: 0 }, /for NAME\.count/],
    [{ count: 1.5 }, /for NAME\.count/],
    [{ every: 0 }, /for NAME\.every/],
    [{ every: "1s" }, /for NAME\.every/],
    [{ indices: 3 }, /for NAME\.indices/],
    [{ indices: [NaN] }, /for NAME\.indices\[0\]/],
    [{ times: ["1"] }, /for NAME\.times\[0\]/],
    [{ times: [1], from: "begin" }, /"start" or "clock" for NAME\.from, received "begin"/],
    [{ times: [1], clamp: 1 }, /a boolean for NAME\.clamp/],
    [{ fractions: [0, 1.5] }, /a number from 0 to 1 for NAME\.fractions\[1\]/],
    [{ fractions: [NaN] }, /for NAME\.fractions\[0\]/],
    [{ keyFrames: false }, /for NAME\.keyFrames/],
    [{ count: 1, from: "start" }, /times or a range of seconds beside it for NAME\.from/],
    [{ every: 1, clamp: true }, /for NAME\.clamp/],
    [{ range: { start: 1 }, from: "start" }, /for NAME\.from/],
    [{ range: [0, 1] }, /for NAME\.range\.0/],
    [{ range: 3 }, /an object for NAME\.range/],
    [{ range: { start: 0, stopp: 1 } }, /for NAME\.range\.stopp/],
    [{ range: { start: 0.5 } }, /for NAME\.range\.start/],
    [{ range: { step: 0 } }, /for NAME\.range\.step/],
    [{ range: { fps: 0 } }, /for NAME\.range\.fps/],
    [{ range: { startSeconds: Infinity } }, /for NAME\.range\.startSeconds/],
    [{ range: { start: 0, fps: 1 } }, /numbers of frames or seconds for NAME\.range, received "start and fps"/],
  ];
  const matching = (message: RegExp, name: string): { code: string; message: RegExp } => ({
    code: "E_ARGUMENT",
    message: new RegExp(message.source.replaceAll("NAME", name)),
  });

  for (const [selection, message] of cases) {
    it(`${JSON.stringify(selection)} names what is wrong`, async () => {
      const video = await pool.openVideo(plain.path());
      await assert.rejects(video.getFrames(selection as FrameSelection), matching(message, "selection"));
      const good = { source: plain.path(), count: 1 };
      const bad = { source: plain.path(), ...(selection as FrameSelection) };
      assert.throws(() => pool.extract([good, bad]), matching(message, "requests\\[1\\]"));
    });
  }

  it("in a list they throw from the call, in anything else after the results before them", async () => {
    const bad = { source: plain.path(), evry: 1 } as unknown as ExtractRequest;
    const good = (key: string): ExtractRequest => ({ source: plain.path(), count: 1, key });
    let ended = false;
    const requests = function* (): Generator<ExtractRequest> {
      try {
        yield good("a");
        yield good("b");
        yield bad;
        yield good("c");
      } finally {
        ended = true;
      }
    };
    const keys: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const { key, batch } of pool.extract(requests(), { ordered: true })) {
        keys.push(key);
        assert.equal(batch?.length, 1);
      }
    };
    await assert.rejects(loop(), matching(/for NAME\.evry/, "requests\\[2\\]"));
    assert.deepEqual(keys, ["a", "b"]);
    assert.ok(ended);
  });
});
