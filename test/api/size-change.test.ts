import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { twoSizes } from "./support/clips.js";
import { everyFrame, ffmpeg, ffprobe } from "./support/ffmpeg.js";
import { bytesOf, colourGrid, digest, digests, streamDigests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool();

/** Width and height of every picture that FFmpeg decodes. */
function sizesOf(path: string): (readonly [number, number])[] {
  const { frames } = JSON.parse(ffprobe(["-select_streams", "v", "-show_frames", "-of", "json", path])) as {
    frames: readonly { width: number; height: number }[];
  };
  return frames.map(({ width, height }) => [width, height]);
}

for (const codec of ["jpeg", "mpeg2"] as const) {
  const path = twoSizes[codec]();
  const sizes = sizesOf(path);
  const count = sizes.length;
  const change = sizes.findIndex(([width]) => width === 96);

  describe(`pictures that change their size (${codec})`, () => {
    it("are as many as FFmpeg decodes", async () => {
      assert.ok(change >= 9 && count - change === 10);
      assert.equal((await pool.openVideo(path)).length, count);
    });

    it("are scaled to the display size, as FFmpeg does", async () => {
      const video = await pool.openVideo(path);
      assert.deepEqual([video.metadata.width, video.metadata.height], [64, 48]);
      const reference = ffmpeg(["-i", path, ...everyFrame(), "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
      const bytes = 64 * 48 * 3;
      assert.equal(reference.length, count * bytes);
      const batch = await video.getAllFrames();
      assert.deepEqual(batch.shape, [count, 48, 64, 3]);
      for (const frame of batch) {
        const wanted = reference.subarray(frame.index * bytes, (frame.index + 1) * bytes);
        const expected = colourGrid(wanted, 48, 64);
        colourGrid(bytesOf(frame), 48, 64).forEach((cell, at) => {
          cell?.forEach((mean, channel) => assert.ok(Math.abs(mean - (expected[at]?.[channel] ?? NaN)) < 2));
        });
      }
      const alone = await Promise.all(range(0, count).map((index) => video.getFrameAt(index)));
      assert.deepEqual(alone.map(digest), digests(batch));
    });

    it("have their own size when native, one by one and in a loop", async () => {
      const video = await pool.openVideo(path, { pixelFormat: "native" });
      const some = [change - 1, change, count - 1];
      const single = await Promise.all(some.map((index) => video.getFrameAt(index)));
      assert.deepEqual(
        single.map(({ width, height, shape }) => [width, height, shape[0]]),
        [
          [64, 48, 64 * 48 * 1.5],
          [96, 80, 96 * 80 * 1.5],
          [96, 80, 96 * 80 * 1.5],
        ],
      );
      const streamed: string[] = [];
      for await (const frame of video) {
        const { width, height } = frame;
        assert.deepEqual([width, height], sizes[frame.index]);
        assert.equal(frame.data.length, width * height * 1.5);
        assert.deepEqual(frame.planes?.[0], { offset: 0, stride: width, width, height });
        streamed.push(digest(frame));
      }
      assert.equal(streamed.length, count);
      for (const index of some) {
        const [alone, ...more] = await streamDigests(video.frames({ start: index, stop: index + 1 }));
        assert.equal(alone, streamed[index], `a loop of frame ${index} alone`);
        assert.deepEqual(more, []);
      }
      assert.deepEqual(
        single.map(digest),
        some.map((index) => streamed[index]),
      );
    });

    it("make native batches where one size is wanted, and E_FRAME_SIZE where several are", async () => {
      const video = await pool.openVideo(path, { pixelFormat: "native" });
      assert.deepEqual((await video.getFramesInRange(0, change)).shape, [change, 64 * 48 * 1.5]);
      const late = await video.getFramesAt([count - 1, change, change + 3]);
      assert.deepEqual([late.width, late.height, ...late.shape], [96, 80, 3, 96 * 80 * 1.5]);
      const error = await rejection(video.getFramesAt([change - 1, change]), "E_FRAME_SIZE");
      assert.match(
        error.message,
        /two-sizes\.\w+: native frames of different sizes or formats cannot share a batch: .*(64x48|96x80)/,
      );
      await rejection(video.getFramesAt([count - 1, 0]), "E_FRAME_SIZE");
      await rejection(video.getAllFrames(), "E_FRAME_SIZE");
      assert.equal((await video.getFramesInRange(3, 5)).length, 2);
    });
  });
}
