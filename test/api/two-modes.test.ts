import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { plainMkv, unreferencedMkv } from "./support/clips.js";
import { digest, digests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

/** One worker: all decoders of a file share its reader. */
describe("exact and approximate decoders of one file", () => {
  const pool = testPool({ workers: 1 });
  const approximate = (path: string, threadsPerWorker = 1): Promise<VideoDecoder> =>
    pool.openVideo(path, { seekMode: "approximate", threadsPerWorker });

  async function truthOf(path: string): Promise<string[]> {
    const alone = testPool({ workers: 1 });
    return digests(await (await alone.openVideo(path)).getAllFrames());
  }

  for (const [name, path] of [
    ["MPEG-4", plainMkv],
    ["MPEG-2", unreferencedMkv],
  ] as const) {
    it(`${name}: a frame asked for by time is not the one that was decoded by number in between`, async () => {
      const all = await truthOf(path());
      const [byTime, byNumber] = [await approximate(path()), await pool.openVideo(path())];
      assert.equal(digest(await byTime.getFrameAt(30)), all[30]);
      assert.equal(digest(await byNumber.getFrameAt(10)), all[10]);
      for (const index of [30, 31, 32]) assert.equal(digest(await byTime.getFrameAt(index)), all[index]);
    });

    it(`${name}: nor after the index was made with the same reader`, async () => {
      const all = await truthOf(path());
      const own = testPool({ workers: 1 });
      const byTime = await own.openVideo(path(), { seekMode: "approximate" });
      assert.equal(digest(await byTime.getFrameAt(20)), all[20]);
      await own.openVideo(path());
      for (const index of [20, 21, 22]) assert.equal(digest(await byTime.getFrameAt(index)), all[index]);
    });

    it(`${name}: in any order, with one thread and with several, each gives its own frames`, async () => {
      const all = await truthOf(path());
      const videos = [await approximate(path()), await pool.openVideo(path()), await approximate(path(), 2)];
      for (const [turn, index] of [...shuffled(range(0, 50)), ...shuffled(range(0, 50))].entries()) {
        const video = videos[(turn + index) % videos.length]!;
        const frame = await video.getFrameAt(index);
        assert.equal(digest(frame), all[index], `turn ${String(turn)}, frame ${String(index)}`);
        frame.release();
      }
    });
  }
});
