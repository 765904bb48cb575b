import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { cached, canEncode, clip } from "./support/ffmpeg.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { withSharedMedia } from "./support/shared-media.js";
import { truth } from "./support/truth.js";

/** Finished files, one after the other: `cat a b`. */
function joined(name: string, parts: readonly string[]): string {
  return cached(name, ["joined", ...parts], (path) => {
    writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))));
  });
}

function recording(name: string, frames: number, codec: readonly string[]): string {
  const input = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", String(frames)];
  // Small clusters: there is something to seek to.
  return clip(name, [...input, ...codec, "-cluster_time_limit", "200"]);
}

const codecs: Readonly<Record<string, readonly [extension: string, encoder: string, ...options: string[]]>> = {
  "MPEG-4": ["mkv", "mpeg4", "-g", "12", "-bf", "2", "-q:v", "3"],
  "H.264": ["mkv", "libx264", "-g", "12", "-bf", "2"],
  VP8: ["webm", "libvpx", "-g", "12", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"],
  VP9: ["webm", "libvpx-vp9", "-g", "12", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"],
  AV1: ["webm", "libsvtav1", "-g", "12", "-preset", "12"],
};

describe("finished recordings with an index each, joined", () => {
  async function assertFrames(path: string, least: number, threadsPerWorker = 1): Promise<void> {
    const wanted = truth(path);
    const count = wanted.length;
    assert.ok(count >= least);
    const pool = testPool({ workers: 1 });
    const video: VideoDecoder = await pool.openVideo(path, { pixelFormat: "native", threadsPerWorker });
    assert.equal(video.metadata.numFrames, count);
    for await (const frame of video.frames()) {
      assert.equal(digest(frame), wanted[frame.index]!.md5, `frame ${String(frame.index)}, in order`);
      frame.release();
    }
    for (const index of [...shuffled(range(0, count)), ...range(0, count, 7)]) {
      const frame = await video.getFrameAt(index);
      assert.equal(digest(frame), wanted[index]!.md5, `frame ${String(index)}`);
      frame.release();
    }
    await video.close();
  }

  for (const [name, [extension, encoder, ...options]] of Object.entries(codecs)) {
    if (!canEncode(encoder)) continue;
    const codec = ["-c:v", encoder, "-pix_fmt", "yuv420p", ...options];
    const part = (frames: number): string => recording(`part-${String(frames)}.${extension}`, frames, codec);

    it(`${name}: every frame of both parts, in any order, with threads too`, async () => {
      const path = joined(`two.${extension}`, [part(40), part(60)]);
      await assertFrames(path, 100);
      await assertFrames(path, 100, 3);
    });

    it(`${name}: a longer part first`, () => assertFrames(joined(`long.${extension}`, [part(60), part(40)]), 100));

    it(`${name}: of three parts, what FFmpeg finds`, async () => {
      await assertFrames(joined(`three.${extension}`, [part(40), part(60), part(40)]), 100);
      await assertFrames(joined(`long-three.${extension}`, [part(60), part(40), part(60)]), 100);
    });
  }

  withSharedMedia((folder) => {
    it("a file of that kind from outside", async () => {
      const path = join(folder, "faults", "two-webm.webm");
      await assertFrames(path, 100);
      await assertFrames(path, 100, 3);
    });
  });
});
