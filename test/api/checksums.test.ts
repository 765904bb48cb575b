import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withBitErrors } from "./support/damage.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { truth } from "./support/truth.js";

/** Errors that its arithmetic decoder takes for another picture. */
describe("HEVC that brings a checksum of each picture", () => {
  const pool = testPool({ workers: 1 });
  const whole = (): string =>
    clip("hashed.mp4", [
      ...["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25", "-frames:v", "100", "-pix_fmt", "yuv420p"],
      ...["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"],
      "log-level=none:pools=none:frame-threads=1:keyint=40:bframes=4:open-gop=1:hash=1",
    ]);

  if (!canEncode("libx265")) it("NOT CHECKED HERE, no libx265", () => undefined);
  else {
    for (const threadsPerWorker of [1, 3]) {
      it(`says of each picture that is another one that it is damaged, with FFmpeg threads: ${String(threadsPerWorker)}`, async () => {
        const right = truth(whole()).map(({ md5 }) => md5);
        // The checksum itself, behind the picture, is left as it is.
        const damaged = withBitErrors(whole(), [13, 20, 21, 77], 80);
        const video = await pool.openVideo(damaged, { pixelFormat: "native", onError: "nearest", threadsPerWorker });
        let wrong = 0;
        for (const index of shuffled(range(0, video.length))) {
          const frame = await video.getFrameAt(index);
          if (digest(frame) !== right[index]) {
            wrong++;
            assert.notEqual(frame.status, "ok", `frame ${String(index)}`);
          }
        }
        assert.ok(wrong > 0);
      });
    }

    it("finds nothing wrong with a file that has no errors", async () => {
      const right = truth(whole()).map(({ md5 }) => md5);
      const video = await pool.openVideo(whole(), { pixelFormat: "native" });
      for (const index of [...shuffled(range(0, video.length)).slice(0, 20), 99]) {
        const frame = await video.getFrameAt(index);
        assert.deepEqual([frame.status, digest(frame)], ["ok", right[index]], `frame ${String(index)}`);
      }
    });
  }
});
