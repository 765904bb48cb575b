import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { MediaSource } from "../../src/index.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { truth } from "./support/truth.js";

const pool = testPool({ workers: 1 });
const x264 = ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1"];
const x265 = ["-c:v", "libx265", "-preset", "ultrafast"];
const mpeg2 = ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "2", "-g", "12"];
const sound = ["-c:a", "mp2", "-f", "vob"];

/** Streams without a container, and those whose container has neither an index nor times that can be sought. */
const streams: Readonly<Record<string, { readonly size?: string; readonly args: readonly string[] }>> = {
  "raw.h264": { args: [...x264, "-x264-params", "keyint=20:bframes=3:scenecut=0"] },
  "raw-slices.h264": { args: [...x264, "-x264-params", "keyint=20:bframes=3:scenecut=0:open-gop=1:slices=4:aud=1"] },
  "raw-fields.h264": { args: [...x264, "-flags", "+ildct", "-x264-params", "keyint=20:bframes=2:scenecut=0:tff=1"] },
  "raw.h265": { args: [...x265, "-x265-params", "log-level=none:pools=none:frame-threads=1:keyint=20:bframes=3"] },
  "raw.m2v": { args: mpeg2 },
  "raw.m1v": { args: ["-c:v", "mpeg1video", "-q:v", "4", "-bf", "2", "-g", "12"] },
  "raw-mpeg4.m4v": { args: ["-c:v", "mpeg4", "-q:v", "4", "-bf", "2", "-g", "12", "-f", "m4v"] },
  "raw.h263": { size: "176x144", args: ["-c:v", "h263", "-g", "12"] },
  "raw.drc": { args: ["-c:v", "vc2", "-pix_fmt", "yuv422p"] },
  "raw.y4m": { args: ["-pix_fmt", "yuv420p"] },
  "raw.dv": { size: "720x576", args: ["-pix_fmt", "yuv420p"] },
  "program.mpg": { args: [...mpeg2, ...sound] },
  "program-low.mpg": { args: ["-c:v", "mpeg2video", "-b:v", "60k", "-bf", "2", "-g", "12", ...sound] },
  "program-intra.mpg": { args: ["-c:v", "mpeg2video", "-q:v", "6", "-g", "1", ...sound] },
  "program-h264.mpg": { args: [...x264, "-x264-params", "keyint=20:bframes=3:scenecut=0", ...sound] },
};

describe("streams that only an index leads into", () => {
  for (const [name, { size = "160x120", args }] of Object.entries(streams)) {
    const encoder = args.find((word) => word.startsWith("lib")) ?? "mpeg4";
    if (!canEncode(encoder)) it(`NOT CHECKED HERE, no ${encoder}: ${name}`, () => undefined);
    else it(`${name}: pictures and times are the same in any order`, () => check(name, size, args));
  }

  it("the bytes in front of a picture's group are not read for it", async () => {
    const noise = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25,noise=alls=60:allf=t", "-frames:v", "300"];
    for (const [name, args] of Object.entries({
      "large.m2v": ["-c:v", "mpeg2video", "-q:v", "2", "-g", "10"],
      "large.mpg": ["-c:v", "mpeg2video", "-q:v", "2", "-g", "10", "-f", "vob"],
    })) {
      const bytes = readFileSync(clip(name, [...noise, ...args]));
      let read = 0;
      const source: MediaSource = {
        size: bytes.length,
        read(position, length) {
          read += Math.min(length, bytes.length - position);
          return bytes.subarray(position, position + length);
        },
      };
      const video = await pool.openVideo(source, { pixelFormat: "native" });
      await video.getFrameAt(0);
      const before = read;
      const asked = [299, 155, 285, 141, 271, 127];
      for (const index of asked) (await video.getFrameAt(index)).release();
      const each = (read - before) / asked.length / bytes.length;
      // A group is a thirtieth of the file.
      assert.ok(each < 0.1, `${name}: ${each.toFixed(3)} of the file for each frame`);
      await video.close();
    }
  });
});

async function check(name: string, size: string, args: readonly string[]): Promise<void> {
  const tone = args.includes("-c:a") ? ["-f", "lavfi", "-i", "sine=duration=4"] : [];
  const inputs = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, ...tone];
  const path = clip(name, [...inputs, "-frames:v", "90", "-fflags", "+bitexact", "-flags", "+bitexact", ...args]);
  const expected = truth(path).map(({ md5 }) => md5);
  const times: number[] = [];
  const inOrder = await pool.openVideo(path, { pixelFormat: "native" });
  for await (const frame of inOrder.frames()) {
    assert.equal(digest(frame), expected[frame.index], `frame ${String(frame.index)}, in order`);
    times.push(frame.ptsSeconds);
    frame.release();
  }
  assert.equal(times.length, expected.length);
  // What is read is compared with a saved index.
  const video = await pool.openVideo(path, { pixelFormat: "native", index: await inOrder.saveIndex() });
  await inOrder.close();
  for (const index of [expected.length - 1, ...shuffled(range(0, expected.length)).slice(0, 40)]) {
    const frame = await video.getFrameAt(index);
    const { status, ptsSeconds } = frame;
    assert.deepEqual(
      [digest(frame), status, ptsSeconds],
      [expected[index], "ok", times[index]],
      `frame ${String(index)}`,
    );
    frame.release();
  }
  const batch = await video.getFramesAt(range(30, expected.length));
  assert.deepEqual(Array.from(batch, digest), expected.slice(30), "one after the other");
  batch.release();
  await video.close();
}
