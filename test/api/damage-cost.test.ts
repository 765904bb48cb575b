import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canEncode, clip } from "./support/ffmpeg.js";
import { pattern, x264 } from "./support/hard-clip.js";
import { testPool } from "./support/pool.js";

const pool = testPool({ workers: 1 });

const whole = (): string => clip("long.mp4", [...pattern(300), ...x264(100, 2, "scenecut=0")]);
const noisy = (): string => clip("noisy.mp4", ["-i", whole(), "-c", "copy", "-bsf:v", "noise=amount=300"]);

/** Milliseconds of processors' time that all its frames take, one by one in their order, and how many there were. */
async function cost(path: string): Promise<{ milliseconds: number; damaged: number }> {
  const video = await pool.openVideo(path, { onError: "skip", threadsPerWorker: 1 });
  const before = process.cpuUsage();
  let damaged = 0;
  for await (const frame of video.frames()) {
    if (frame.status === "damaged") damaged++;
    frame.release();
  }
  const { user, system } = process.cpuUsage(before);
  await video.close();
  return { milliseconds: (user + system) / 1000, damaged };
}

describe("a file that is damaged all over", () => {
  if (!canEncode("libx264")) it("NOT CHECKED HERE, no libx264", () => undefined);
  else
    it("costs some times what the whole one does, not as often as it has pictures", async () => {
      await cost(whole());
      const right = await cost(whole());
      const { milliseconds, damaged } = await cost(noisy());
      assert.ok(damaged > 200, `${String(damaged)} damaged frames`);
      const times = milliseconds / right.milliseconds;
      assert.ok(times < 15, `${times.toFixed(1)} times the processors' time`);
    });
});
