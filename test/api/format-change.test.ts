import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { canEncode, clip } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { digest } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { truth } from "./support/truth.js";

const folder = temporaryFolder();
const pool = testPool();
const each = 5;

const pattern = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", String(each)];
const coded = (name: string, options: readonly string[]): string =>
  clip(`${name}.h264`, [...pattern, ...options, "-g", String(each), "-bf", "0"]);

/** Of one size in bytes each, so that only the label tells them apart. */
const pairs = {
  "yuv444p and gbrp": [
    ["yuv444p", coded("yuv444p", ["-c:v", "libx264", "-pix_fmt", "yuv444p"])],
    ["gbrp", coded("gbrp", ["-c:v", "libx264rgb", "-pix_fmt", "rgb24"])],
  ],
} as const;

if (canEncode("libx264rgb")) {
  for (const [name, [first, second]] of Object.entries(pairs)) {
    describe(`pictures that change their format: ${name}`, () => {
      const path = join(folder, `${first[0]}.h264`);
      writeFileSync(path, Buffer.concat([readFileSync(first[1]), readFileSync(second[1])]));
      const labels = [...Array<string>(each).fill(first[0]), ...Array<string>(each).fill(second[0])];

      it("each is labelled with its own, alone and in a loop", async () => {
        const video = await pool.openVideo(path, { pixelFormat: "native" });
        const expected = truth(path).map(({ md5 }) => md5);
        assert.equal(video.length, 2 * each);
        const looped: [string, string][] = [];
        for await (const frame of video.frames()) looped.push([frame.pixelFormat, digest(frame)]);
        const wanted = labels.map((label, i) => [label, expected[i]]);
        assert.deepEqual(looped, wanted);
        for (const index of [2 * each - 1, 0, each, each - 1]) {
          const frame = await video.getFrameAt(index);
          assert.deepEqual([frame.pixelFormat, digest(frame)], wanted[index]);
        }
        const part = await video.getFramesInRange(each, 2 * each);
        assert.equal(part.pixelFormat, second[0]);
      });

      it("a batch of both is an error", async () => {
        const video = await pool.openVideo(path, { pixelFormat: "native" });
        const error = await rejection(video.getFramesAt([0, 2 * each - 1]), "E_FRAME_SIZE");
        assert.match(error.message, /formats cannot share a batch/);
        await rejection(video.getAllFrames(), "E_FRAME_SIZE");
      });
    });
  }
}
