import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plain } from "../api/support/clips.js";
import { withDeadPackets } from "../api/support/damage.js";
import { damagedClips } from "../api/support/damaged-clips.js";
import { restlessFieldClips } from "../api/support/field-clips.js";
import { canMake } from "../api/support/hard-clips.js";
import { outcome } from "../api/support/outcome.js";
import { testPool } from "../api/support/pool.js";
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
      const restored = await pool.openVideo(path(), { ...options, index });
      for (const [turn, frame] of order.entries())
        assert.equal(await outcome(restored, frame), expected[turn], `frame ${String(frame)}`);
      await pool.close();
    });
  }
});
