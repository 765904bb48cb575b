import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import { canEncode, clip, ffmpeg, ffprobe } from "./support/ffmpeg.js";
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

/** FFmpeg's own decoders go on with what came first: MPEG-2's takes it for granted, FFV1's refuses the rest. */
for (const [codec, extension, options] of [
  ["mpeg2video", "m2v", ["-q:v", "3", "-g", String(each)]],
  ["ffv1", "mkv", []],
] as const) {
  it(`${codec} whose chroma is subsampled otherwise for a while: each picture is its own, alone and in a loop`, async () => {
    const formats = ["yuv420p", "yuv422p", "yuv420p"];
    const parts = formats.map((format) =>
      clip(`${codec}-${format}.${extension}`, [...pattern, "-c:v", codec, "-pix_fmt", format, ...options]),
    );
    const path = join(folder, `formats.${extension}`);
    if (extension === "m2v") writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))));
    else {
      const list = join(folder, `${codec}.txt`);
      writeFileSync(list, parts.map((part) => `file '${part}'\n`).join(""));
      ffmpeg(["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", path]);
    }
    const expected = parts.flatMap((part, at) => truth(part).map(({ md5 }) => [formats[at], md5]));
    for (const threadsPerWorker of [1, 3]) {
      const open = (): Promise<VideoDecoder> => pool.openVideo(path, { pixelFormat: "native", threadsPerWorker });
      const looped: string[][] = [];
      for await (const frame of (await open()).frames()) looped.push([frame.pixelFormat, digest(frame)]);
      assert.deepEqual(looped, expected);
      const video = await open();
      for (const index of [2 * each, each + 2, 0, 2 * each - 1, each]) {
        const frame = await video.getFrameAt(index);
        assert.deepEqual([frame.pixelFormat, digest(frame)], expected[index], `frame ${String(index)}`);
      }
    }
  });
}

/** Where a sequence says nothing of its range, FFmpeg goes on with what the one before said. */
for (const order of [
  ["full", "silent", "full"],
  ["silent", "full", "silent"],
] as const) {
  describe(`pictures whose range is ${order.join(", then ")}`, () => {
    const range = (name: string, format: string): string => coded(name, ["-c:v", "libx264", "-pix_fmt", format]);
    const raw = join(folder, `${order[0]}.h264`);
    const parts = order.map((kind) => range(kind, kind === "full" ? "yuvj420p" : "yuv420p"));
    writeFileSync(raw, Buffer.concat(parts.map((part) => readFileSync(part))));

    const copied = (path: string): string => {
      ffmpeg(["-fflags", "+genpts", "-r", "25", "-i", raw, "-c", "copy", path]);
      return path;
    };
    // Of a transport stream, FFmpeg's tools label the first pictures by later ones, which they have looked into.
    const mp4 = copied(join(folder, `${order[0]}.mp4`));

    for (const container of ["mp4", "mkv", "ts"]) {
      for (const threadsPerWorker of [1, 3]) {
        it(`${container}, FFmpeg threads: ${String(threadsPerWorker)}: a frame has the same label and colours, alone and in a loop`, async () => {
          const path = copied(join(folder, `${order[0]}-${String(threadsPerWorker)}.${container}`));
          const labels = labelsOf(container === "ts" ? mp4 : path);
          for (const pixelFormat of ["native", "rgb24"] as const) {
            const open = (): Promise<VideoDecoder> => pool.openVideo(path, { pixelFormat, threadsPerWorker });
            const looped: string[] = [];
            for await (const frame of (await open()).frames()) {
              if (pixelFormat === "native") assert.equal(frame.pixelFormat, labels[frame.index]);
              looped.push(`${frame.pixelFormat} ${digest(frame)}`);
            }
            for (const index of [2 * each, 3 * each - 1, each, 2 * each - 1, 0]) {
              const video = await open();
              const frame = await video.getFrameAt(index);
              assert.equal(`${frame.pixelFormat} ${digest(frame)}`, looped[index], `frame ${String(index)}`);
              await video.close();
            }
          }
        });
      }
    }
  });
}

/** Of each picture, by the range that FFmpeg takes it to have from the start on. */
function labelsOf(path: string): string[] {
  const lines = ffprobe(["-threads", "1", "-show_entries", "frame=color_range", "-of", "csv=p=0", path]).split("\n");
  const ranges = lines.map((line) => line.replace(",", "")).filter((line) => line !== "");
  return ranges.map((range) => (range === "pc" ? "yuvj420p" : "yuv420p"));
}
