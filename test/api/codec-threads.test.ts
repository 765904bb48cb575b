import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { canEncode, clip } from "./support/ffmpeg.js";
import { streamDigests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool({ workers: 1 });

/** Of quantizers that change from picture to picture, by a rate that is hard to keep. */
const theora = (rate: string): string =>
  clip(`rate-${rate}.ogv`, [
    ...["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25,noise=alls=20:allf=t", "-frames:v", "300"],
    ...["-fflags", "+bitexact", "-flags", "+bitexact", "-c:v", "libtheora", "-b:v", rate, "-g", "64"],
  ]);

async function pictures(path: string, threadsPerWorker: number): Promise<string[]> {
  const video = await pool.openVideo(path, { pixelFormat: "native", threadsPerWorker });
  try {
    return await streamDigests(video.frames());
  } finally {
    await video.close();
  }
}

describe("decoders that FFmpeg's threads make decode otherwise", () => {
  // Other work on the same cores, so that threads are overtaken.
  let busy: readonly Worker[] = [];
  before(() => {
    busy = range(0, 2).map(() => new Worker("for (;;) Math.random();", { eval: true }));
  });
  after(() => Promise.all(busy.map((worker) => worker.terminate())));

  if (!canEncode("libtheora")) it("NOT CHECKED HERE, no libtheora", () => undefined);
  else {
    for (const rate of ["300k", "800k"]) {
      it(`Theora of ${rate} a second is what one thread makes of it`, async () => {
        const path = theora(rate);
        const right = await pictures(path, 1);
        for (const threads of [2, 3, 2, 3, 5])
          assert.deepEqual(await pictures(path, threads), right, `${String(threads)} threads`);
      });
    }
  }
});
