import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { plain } from "../api/support/clips.js";
import { withDeadPackets } from "../api/support/damage.js";
import { damagedClips } from "../api/support/damaged-clips.js";
import { restlessFieldClips } from "../api/support/field-clips.js";
import { canMake } from "../api/support/hard-clips.js";
import { outcome } from "../api/support/outcome.js";
import { testPool } from "../api/support/pool.js";
import { asyncSource } from "../api/support/readable-sources.js";
import { generatedFiles } from "./media.js";

const files = [
  ...generatedFiles(),
  ...restlessFieldClips,
  ...damagedClips.filter(canMake),
  { name: "dead-at-begin.mp4", path: () => withDeadPackets(plain.path(), [0, 12, 13, 30]) },
];

/** Seeks without what reading a whole file leaves behind in FFmpeg's demuxers. */
describe("a saved index of any file leads to the same pictures", () => {
  for (const { name, path } of files) {
    it(name, async () => {
      const pool = testPool({ workers: 1 });
      const options = { pixelFormat: "native", onError: "throw" } as const;
      const video = await pool.openVideo(path(), options);
      const index = await video.saveIndex();
      const { length } = video;
      const order = [length - 1, length >> 1, 0, Math.floor(length / 3)];
      const expected: string[] = [];
      for (const frame of order) expected.push(await outcome(video, frame));
      for (const source of [path(), asyncSource(readFileSync(path()))]) {
        const restored = await pool.openVideo(source, { ...options, index });
        const from = typeof source === "string" ? "from the file" : "from an object";
        for (const [turn, frame] of order.entries())
          assert.equal(await outcome(restored, frame), expected[turn], `frame ${String(frame)}, ${from}`);
      }
      await pool.close();
    });
  }
});
