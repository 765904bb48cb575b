import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DecoderPool, versions } from "../../src/index.js";
import { everyFrame, ffmpeg } from "./support/ffmpeg.js";
import { digest } from "./support/pixels.js";
import { spread } from "./support/sequences.js";
import { type SharedVideo, sharedVideos, withSharedMedia } from "./support/shared-media.js";

/**
 * Half-pixel motion without rounding, which FFmpeg 5.1's MMX code approximates unless it is told to be exact: newer versions are
 * exact, and give what 5.1 gives then. 146 samples of 55 million differ, by 1.
 */
const approximateIn51 = "ax_sample.avi";

/** Pixels of a file that are compared in full; of longer ones the beginning, the middle and the end are. */
const pixelsInFull = 250e6;

withSharedMedia(() => {
  const pool = new DecoderPool({ workers: 2 });
  after(() => pool.close());

  for (const set of ["real", "torchcodec/media"]) {
    describe(`every frame of ${set} is FFmpeg's own, bit for bit`, () => {
      for (const video of sharedVideos(set)) it(video.name, async () => checkFile(pool, await asHere(video)));
    });
    describe(`what is left out between frames of ${set} changes none of them`, () => {
      for (const video of sharedVideos(set)) it(video.name, async () => checkApart(pool, await asHere(video)));
    });
  }
});

/** What the FFmpeg that is used here must make of it. */
async function asHere(video: SharedVideo): Promise<SharedVideo> {
  const { ffmpeg: own } = await versions();
  if (video.name !== approximateIn51 || own.version.startsWith("5.1")) return video;
  const lines = ffmpeg(["-flags", "bitexact", "-i", video.path, ...everyFrame(), "-map", "0:v", "-f", "framemd5", "-"]);
  const digests = [...lines.toString().matchAll(/^0,.*, *([0-9a-f]{32})$/gm)].map(([, md5]) => md5!);
  assert.equal(digests.length, video.frames.length);
  const frames = video.frames.map((frame, i) => ({ ...frame, md5: digests[i]! }));
  assert.ok(frames.some(({ md5 }, i) => md5 !== video.frames[i]?.md5));
  return { ...video, frames };
}

async function checkFile(pool: DecoderPool, expected: SharedVideo): Promise<void> {
  const video = await pool.openVideo(expected.path, { pixelFormat: "native" });
  const { frames } = expected;
  try {
    assert.equal(video.length, frames.length, "number of frames");
    assert.equal(video.metadata.numFramesFromContent, frames.length);
    let checked = 0;
    for (const [start, stop] of spans(expected)) {
      let index = start;
      for await (const frame of video.frames({ start, stop })) {
        const wanted = frames[index];
        assert.equal(frame.index, index);
        if (wanted?.pts != null) assert.ok(near(frame.ptsSeconds, wanted.pts), `pts of frame ${index}`);
        if (wanted?.duration != null && wanted.duration > 0) {
          assert.ok(Math.abs(frame.durationSeconds - wanted.duration) < 2e-3, `duration of frame ${index}`);
        }
        if (wanted?.md5 != null) assert.equal(digest(frame), wanted.md5, `pixels of frame ${index}`);
        frame.release();
        index++;
        checked++;
      }
      assert.equal(index, stop);
    }
    assert.ok(checked > 0);
  } finally {
    await video.close();
  }
}

/** Pictures that no other refers to are not decoded between these. */
async function checkApart(pool: DecoderPool, expected: SharedVideo): Promise<void> {
  const { frames, codedWidth, codedHeight } = expected;
  const most = Math.max(4, Math.min(40, Math.floor(pixelsInFull / 4 / (codedWidth * codedHeight))));
  const indices = spread(frames.length, Math.min(most, frames.length));
  const video = await pool.openVideo(expected.path, { pixelFormat: "native" });
  try {
    const sizes = new Set<number>();
    for (const index of indices) {
      const frame = await video.getFrameAt(index);
      sizes.add(frame.data.length);
      if (frames[index]?.md5 != null) assert.equal(digest(frame), frames[index].md5, `frame ${index} by itself`);
      frame.release();
    }
    // Native pictures of several sizes do not fit into one batch.
    if (sizes.size !== 1) return;
    const batch = await video.getFramesAt(indices);
    for (const frame of batch) {
      const wanted = frames[frame.index]?.md5;
      if (wanted != null) assert.equal(digest(frame), wanted, `frame ${frame.index} of a batch`);
    }
    batch.release();
  } finally {
    await video.close();
  }
}

function spans({ frames, codedWidth, codedHeight }: SharedVideo): (readonly [number, number])[] {
  const count = frames.length;
  if (count * codedWidth * codedHeight <= pixelsInFull) return [[0, count]];
  const length = Math.floor(pixelsInFull / 3 / (codedWidth * codedHeight));
  const middle = Math.floor((count - length) / 2);
  return [
    [0, length],
    [middle, middle + length],
    [count - length, count],
  ];
}

/** The oracle's times have six decimals. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) < 2e-6;
}
