import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plain, slow } from "./support/clips.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

// One worker: what it does next is all there is to decide.
describe("who goes on and on does not keep others waiting", () => {
  it("a loop over a long video: another one is opened long before its end", async () => {
    const pool = testPool({ workers: 1 });
    const long = await pool.openVideo(slow.path());
    let frames = 0;
    let framesBefore: number | undefined;
    let asked: Promise<void> | undefined;
    for await (const frame of long) {
      frame.release();
      frames++;
      // By then the loop always has pieces waiting.
      if (frames > 30)
        asked ??= pool.openVideo(plain.path()).then(() => {
          framesBefore = frames;
        });
    }
    await asked;
    assert.equal(frames, slow.frames);
    assert.ok(framesBefore !== undefined && framesBefore < slow.frames / 2, `after ${framesBefore} frames`);
  });

  it("many requests for one file: another file is opened long before their end", async () => {
    const pool = testPool({ workers: 1 });
    const busy = await pool.openVideo(plain.path());
    await busy.getFrameAt(0);
    let done = 0;
    let doneBefore: number | undefined;
    const ask = async (): Promise<void> => {
      for (const index of range(0, 60)) {
        (await busy.getFrameAt(index % plain.frames)).release();
        done++;
      }
    };
    const asking = Promise.all(range(0, 4).map(ask));
    const opening = pool.openVideo(slow.path()).then(() => {
      doneBefore = done;
    });
    await Promise.all([asking, opening]);
    assert.equal(done, 240);
    assert.ok(doneBefore !== undefined && doneBefore < 120, `after ${doneBefore} of 240`);
  });
});
