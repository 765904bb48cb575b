import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mjpegFields } from "./support/mjpeg-fields.js";
import { writeFieldPictures } from "./support/field-pictures.js";
import { cached, canEncode, clip } from "./support/ffmpeg.js";
import { digest, streamDigests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { truth } from "./support/truth.js";

const pool = testPool();

const sound = ["-f", "lavfi", "-i", "sine=duration=2"];
const picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=1", "-frames:v", "1"];
const covered = (name: string, encoder: string, coding: readonly string[]): string => {
  const cover = clip(encoder === "png" ? "cover.png" : "cover.jpg", [...picture, "-c:v", encoder]);
  const attached = ["-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic"];
  return clip(name, [...sound, "-i", cover, ...attached, ...coding]);
};

describe("the cover of a sound file is one picture at 0 seconds", () => {
  const containers: Readonly<Record<string, readonly string[]>> = {
    mp3: ["-c:a", "libmp3lame"],
    flac: ["-c:a", "flac"],
    m4a: ["-c:a", "aac"],
  };
  for (const [container, coding] of Object.entries(containers)) {
    if (!canEncode(coding[1]!)) continue;
    for (const encoder of ["mjpeg", "png"]) {
      for (const seekMode of ["exact", "approximate"] as const) {
        it(`${encoder} in ${container}, ${seekMode}`, async () => {
          const path = covered(`${encoder}.${container}`, encoder, coding);
          const video = await pool.openVideo(path, { pixelFormat: "native", seekMode });
          const { numFrames, beginStreamSeconds, endStreamSeconds, durationSeconds, averageFps } = video.metadata;
          assert.deepEqual(
            [numFrames, beginStreamSeconds, endStreamSeconds, durationSeconds, averageFps],
            [1, 0, 0, 0, null],
          );
          const expected = truth(path)[0]!.md5;
          for (const asked of [video.getFrameAt(0), video.getFramePlayedAt(0)]) {
            const frame = await asked;
            assert.deepEqual([frame.index, frame.ptsSeconds, frame.status, digest(frame)], [0, 0, "ok", expected]);
          }
          assert.deepEqual(await streamDigests(video.frames()), [expected]);
          await rejection(video.getFramePlayedAt(1), "E_OUT_OF_RANGE");
          await video.close();
        });
      }
    }
  }
});

/** Each packet, a field's or a frame's, lasts 0.04 s. */
function coded(container: string, mixed: boolean): string {
  const pictures = Array.from({ length: 12 }, (_, at) => ({
    idr: at % 6 === 0,
    reference: true,
    coding: mixed && at % 3 === 1 ? ("frame" as const) : ("field pair" as const),
    order: at % 6,
  }));
  const recipe = JSON.stringify(pictures);
  const raw = cached("stated.h264", [recipe], (path) => {
    writeFieldPictures(path, pictures);
  });
  const avi = clip("stated.avi", ["-r", "25", "-i", raw, "-c", "copy"]);
  if (container === "avi") return avi;
  const ts = clip("stated.ts", ["-r", "25", "-i", raw, "-c", "copy"]);
  return container === "ts" ? ts : clip(`stated.${container}`, ["-i", ts, "-c", "copy"]);
}

describe("a picture of two fields lasts as long as both", () => {
  const every = (seconds: number): number[] => Array<number>(12).fill(seconds);
  const files: Readonly<Record<string, readonly [() => string, readonly number[]]>> = {
    "H.264 in MP4": [() => coded("mp4", false), every(0.08)],
    "H.264 in Matroska": [() => coded("mkv", false), every(0.08)],
    "H.264 in a transport stream": [() => coded("ts", false), every(0.08)],
    "H.264, fields and frames": [() => coded("mp4", true), every(0).map((_, at) => (at % 3 === 1 ? 0.04 : 0.08))],
    "Motion JPEG in AVI": [() => mjpegFields("mjpeg-fields.avi", 24), every(0.04)],
    "Motion JPEG in QuickTime": [() => mjpegFields("mjpeg-fields.mov", 24), every(0.04)],
  };
  for (const [name, [make, durations]] of Object.entries(files)) {
    it(name, async () => {
      const video = await pool.openVideo(make());
      const actual: number[] = [];
      for await (const frame of video.frames()) actual.push(frame.durationSeconds);
      assert.deepEqual(
        actual.map((seconds) => seconds.toFixed(2)),
        durations.map((seconds) => seconds.toFixed(2)),
      );
      const { beginStreamSeconds, endStreamSeconds, averageFps } = video.metadata;
      const length = durations.reduce((sum, duration) => sum + duration, 0);
      const end = endStreamSeconds ?? 0;
      assert.ok(Math.abs(end - beginStreamSeconds - length) < 2e-3, `${beginStreamSeconds} to ${end}`);
      assert.ok(Math.abs((averageFps ?? 0) - durations.length / length) < 0.05, String(averageFps));
      assert.equal((await video.getFramePlayedAt(end - 0.01)).index, durations.length - 1);
    });
  }

  it("H.264 in AVI, without presentation times, indexed by decoding", async () => {
    const video = await pool.openVideo(coded("avi", false));
    const frames = await video.getAllFrames();
    assert.deepEqual(
      Array.from(frames, ({ durationSeconds }) => durationSeconds.toFixed(2)),
      Array<string>(12).fill("0.08"),
    );
  });
});

describe("Motion JPEG with one field a packet, by time without an index", () => {
  it("is never a picture of fields that do not belong together", async () => {
    const path = mjpegFields("mjpeg-fields.avi", 24);
    const expected = new Map(truth(path).map(({ pts, md5 }) => [pts?.toFixed(3), md5]));
    const video = await pool.openVideo(path, { pixelFormat: "native", seekMode: "approximate" });
    for (const index of [13, 4, 21, 7, 0, 17]) {
      const frame = await video.getFrameAt(index);
      assert.equal(digest(frame), expected.get(frame.ptsSeconds.toFixed(3)), `frame ${index}`);
    }
  });
});
