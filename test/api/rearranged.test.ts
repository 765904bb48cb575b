// Recordings cut and joined by their packets: a frame is the same, or refused, however it is asked for, and is never
// another picture than FFmpeg's.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FramepoolError, type Frame, type VideoDecoder } from "../../src/index.js";
import { foreignPart } from "./support/foreign-clips.js";
import type { HardClip } from "./support/hard-clip.js";
import { canMake } from "./support/hard-clips.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { sources, rearrangedClips, rearrangedTables } from "./support/rearranged-clips.js";
import { range, shuffled } from "./support/sequences.js";
import { truth } from "./support/truth.js";
import { isCommandsVersion } from "./support/version.js";

const pool = testPool({ workers: 1 });
const refused = "refused";

function seen(frame: Frame): string {
  const what = `${frame.status} ${digest(frame)}`;
  frame.release();
  return what;
}

async function alone(video: VideoDecoder, index: number): Promise<string> {
  try {
    return seen(await video.getFrameAt(index));
  } catch (error) {
    assert.ok(error instanceof FramepoolError && error.code === "E_DECODE", String(error));
    return refused;
  }
}

/** What each frame is, in order, and asserts that it is that in any other order. */
async function inAnyOrder(path: string): Promise<readonly string[]> {
  let first: readonly string[] | undefined;
  for (const threadsPerWorker of [1, 3]) {
    const options = { pixelFormat: "native", onError: "skip", threadsPerWorker } as const;
    const streamed = await pool.openVideo(path, options);
    const inTurn = Array<string>(streamed.length).fill(refused);
    for await (const frame of streamed.frames()) inTurn[frame.index] = seen(frame);
    await streamed.close();
    first ??= inTurn;
    assert.deepEqual(inTurn, first, `in order, ${threadsPerWorker} threads`);
    const everywhere = range(0, first.length);
    const orders = [shuffled(everywhere, 5), ...(threadsPerWorker === 1 ? [everywhere.toReversed()] : [])];
    for (const order of orders) {
      const video = await pool.openVideo(path, options);
      for (const index of order) {
        assert.equal(await alone(video, index), first[index], `frame ${index}, ${threadsPerWorker} threads`);
      }
      await video.close();
    }
  }
  assert.ok(first !== undefined);
  return first;
}

function each(clips: readonly HardClip[], check: (path: string) => Promise<void>): void {
  for (const clip of clips) {
    const title = `${clip.name}: ${clip.because}`;
    if (canMake(clip)) it(title, () => check(clip.path()));
    else it(`NOT CHECKED HERE, no ${clip.encoder}: ${title}`, () => undefined);
  }
}

describe("packets rearranged, where they are read: FFmpeg's own frames", () => {
  each(rearrangedClips, async (path) => {
    const frames = (await inAnyOrder(path)).map((what) => what.replace(/^[a-z]+ /, ""));
    const expected = truth(path).map(({ md5 }) => md5);
    if (isCommandsVersion || !path.includes("hevc")) assert.deepEqual(frames, expected);
    // Which pictures come out first where a sequence is cut off, and whether all do, changed with FFmpeg 7.1.
    else assert.ok(unlike(frames, expected) <= 2 && unlike(expected, frames) <= 2, frames.join(" "));
  });
});

/** How many of these are not among the others, each as often as it is there. */
function unlike(some: readonly string[], others: readonly (string | null)[]): number {
  const left = [...others];
  return some.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  }).length;
}

describe("packets rearranged, where only a table of them is read: the pictures as they were coded", () => {
  each(rearrangedTables, async (path) => {
    const frames = await inAnyOrder(path);
    const coded = new Set(sources.filter(canMake).flatMap((clip) => truth(clip.path()).map(({ md5 }) => md5)));
    const ok = frames.flatMap((what) => (what.startsWith("ok ") ? [what.slice(3)] : []));
    const given = frames.map((what) => what.replace(/^[a-z]+ /, ""));
    assert.deepEqual(
      ok.filter((md5) => !coded.has(md5)),
      [],
      "no other picture is ok",
    );
    // FFmpeg's decoder drops some where another one has their number, or makes up what they refer to.
    const shown = truth(path).filter(({ md5 }) => coded.has(md5));
    assert.deepEqual(
      shown.filter(({ md5 }) => !given.includes(md5)),
      [],
      "all of them that FFmpeg shows",
    );
  });
});

describe("FFV1 under the header of another part: what its decoder silently leaves unwritten is no picture", () => {
  const kinds = {
    "another subsampling": ["-pix_fmt", "yuv422p"],
    "another depth": ["-pix_fmt", "yuv420p10"],
    "another coder": ["-pix_fmt", "yuv420p", "-coder", "range_tab"],
  };
  for (const [kind, args] of Object.entries(kinds)) {
    it(kind, async () => {
      const { path, foreign } = foreignPart(args);
      const frames = await inAnyOrder(path);
      const wrong = truth(path).flatMap(({ md5 }, at) => {
        const isForeign = at >= foreign[0] && at < foreign[1];
        const isRight = frames[at] === `ok ${md5}` || (isForeign && frames[at]?.startsWith("damaged "));
        return isRight ? [] : [`${at}: ${frames[at]}, not ${md5}`];
      });
      assert.deepEqual(wrong, []);
      assert.ok(frames.some((what) => what.startsWith("damaged ")));
    });
  }
});
