import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cutClips } from "./support/cut-clips.js";
import { clip } from "./support/ffmpeg.js";
import { pattern } from "./support/hard-clip.js";
import { canMake } from "./support/hard-clips.js";
import { outcome } from "./support/outcome.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool({ workers: 1 });

describe("recordings that begin with pictures whose references are not there", () => {
  for (const cut of cutClips) {
    if (!canMake(cut)) it(`NOT CHECKED HERE, no ${cut.encoder}: ${cut.name}`, () => undefined);
    else {
      for (const seekMode of ["exact", "approximate"] as const)
        it(`${cut.name}, ${seekMode}: the first ones are the same behind later ones`, () =>
          check(cut.path(), seekMode));
    }
  }
});

async function check(path: string, seekMode: "exact" | "approximate"): Promise<void> {
  for (const index of range(0, 6)) {
    const fresh = await pool.openVideo(path, { pixelFormat: "native", seekMode });
    const alone = await outcome(fresh, index);
    await fresh.close();
    const used = await pool.openVideo(path, { pixelFormat: "native", seekMode });
    await used.getFrameAt(20);
    assert.equal(await outcome(used, index), alone, `frame ${String(index)}`);
    await used.close();
  }
}

describe("H.261, which has one kind of pictures", () => {
  it("is not damaged where it begins", async () => {
    const video = await pool.openVideo(clip("h261.avi", [...pattern(20, "176x144"), "-c:v", "h261"]));
    const statuses = (await video.getFramesAt(range(0, 20))).status;
    assert.deepEqual([...new Set(statuses)], ["ok"]);
  });
});
