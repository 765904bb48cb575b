import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type VideoDecoder } from "../../src/index.js";
import { fieldClips, loneFieldClips, restlessFieldClips } from "./support/field-clips.js";
import { digest } from "./support/pixels.js";
import { outcome } from "./support/outcome.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

const pool = testPool({ workers: 1 });

const open = (path: string, threadsPerWorker: number): Promise<VideoDecoder> =>
  pool.openVideo(path, { pixelFormat: "native", onError: "skip", threadsPerWorker });

describe("H.264 with fields whose pair was lost: a frame is the same by whichever decoder, with whatever before it", () => {
  for (const clip of [...fieldClips, ...loneFieldClips, ...restlessFieldClips])
    it(`${clip.name}: ${clip.because}`, () => check(clip.path()));
});

async function check(path: string): Promise<void> {
  const { length } = await pool.openVideo(path);
  const alone: string[] = [];
  for (const index of range(0, length)) {
    const fresh = await open(path, 1);
    alone.push(await outcome(fresh, index));
    await fresh.close();
  }
  for (const threads of [1, 2, 3]) {
    const inOrder = await open(path, threads);
    const seen = range(0, length).map(() => "E_DECODE");
    for await (const frame of inOrder.frames()) seen[frame.index] = `${frame.status} ${digest(frame)}`;
    assert.deepEqual(seen, alone, `in order, ${String(threads)} threads`);
    await inOrder.close();

    const anyOrder = await open(path, threads);
    // Often enough for what a decoder counts at each jump.
    for (const seed of range(0, 6)) {
      for (const index of shuffled(range(0, length), seed)) {
        const got = await outcome(anyOrder, index);
        assert.equal(got, alone[index], `frame ${String(index)} in any order, ${String(threads)} threads`);
      }
    }
    await anyOrder.close();
  }
}
