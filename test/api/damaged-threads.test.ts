import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import type { Frame, OnError, VideoDecoder } from "../../src/index.js";
import { type Damaged, damagedClips } from "./support/damaged-clips.js";
import { canEncode } from "./support/ffmpeg.js";
import { digest, digests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

const pool = testPool({ workers: 1 });

/** What becomes of a frame when nothing but it is asked for: its status, and which picture it is. */
async function outcome(path: string, index: number, threadsPerWorker: number, onError: OnError): Promise<string> {
  const video = await pool.openVideo(path, { threadsPerWorker, onError });
  try {
    return await outcomeIn(video, index);
  } finally {
    await video.close();
  }
}

async function outcomeIn(video: VideoDecoder, index: number): Promise<string> {
  try {
    return described(await video.getFrameAt(index));
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function fromStartToEnd(path: string, threadsPerWorker: number): Promise<readonly string[]> {
  const video = await pool.openVideo(path, { threadsPerWorker, onError: "skip" });
  const outcomes: string[] = [];
  for await (const frame of video.frames()) outcomes[frame.index] = described(frame);
  await video.close();
  return outcomes;
}

const described = (frame: Frame): string => `${frame.status} ${String(frame.index)} ${digest(frame)}`;

describe("damage, with FFmpeg's own threads and without, alone and in a row", () => {
  // Other work on the same cores, so that threads are overtaken.
  let busy: readonly Worker[] = [];
  before(() => {
    busy = range(0, 2).map(() => new Worker("for (;;) Math.random();", { eval: true }));
  });
  after(() => Promise.all(busy.map((worker) => worker.terminate())));

  for (const clip of damagedClips) {
    if (!canEncode(clip.encoder)) it(`NOT CHECKED HERE, no ${clip.encoder}: ${clip.name}`, () => undefined);
    else it(`${clip.name}: the same pictures, of the same status`, () => check(clip));
  }
});

async function check({ path, whole }: Damaged): Promise<void> {
  const file = path();
  // First, while nothing is known of the file.
  const all = await fromStartToEnd(file, 2);
  const intact = digests(await (await pool.openVideo(whole())).getAllFrames());
  const { length } = await pool.openVideo(file);
  let harmed = 0;
  for (const onError of ["skip", "nearest"] as const) {
    const asked = range(0, length, 3);
    const inRow = await pool.openVideo(file, { threadsPerWorker: 1, onError });
    const row: string[] = [];
    for (const index of asked) row[index] = await outcomeIn(inRow, index);
    await inRow.close();
    for (const index of shuffled(asked)) {
      const alone = await outcome(file, index, 1, onError);
      if (alone !== `ok ${String(index)} ${String(intact[index])}`) harmed++;
      assert.equal(row[index], alone, `frame ${String(index)}, in a row, ${onError}`);
      if (/^(ok|damaged) /.test(alone))
        assert.equal(all[index], alone, `frame ${String(index)}, 2 threads, from start to end`);
      for (const threads of [2, 4]) {
        const threaded = await outcome(file, index, threads, onError);
        assert.equal(threaded, alone, `frame ${String(index)}, ${String(threads)} threads, ${onError}`);
      }
    }
  }
  assert.ok(harmed > 0, "the damage matters");
}
