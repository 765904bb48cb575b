import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { DecoderPool, type VideoDecoder } from "../../src/index.js";
import { bytesOf, colourGrid, digest, digests } from "./support/pixels.js";
import { shuffled, spread } from "./support/sequences.js";
import { type SharedVideo, sharedVideos, withSharedMedia } from "./support/shared-media.js";

const pixelsPerFile = 8e6;

withSharedMedia(() => {
  const one = new DecoderPool({ workers: 1 });
  const two = new DecoderPool({ workers: 2 });
  after(() => Promise.all([one.close(), two.close()]));

  for (const set of ["real", "torchcodec/media"]) {
    describe(`${set}: one picture for a frame, in whatever order and by however many workers`, () => {
      for (const video of sharedVideos(set)) {
        it(video.name, async () => {
          const [alone, together] = await Promise.all([one.openVideo(video.path), two.openVideo(video.path)]);
          await checkOrders(alone, together, video);
          await checkColours(together, video);
          await Promise.all([alone.close(), together.close()]);
        });
      }
    });
  }
});

async function checkOrders(alone: VideoDecoder, together: VideoDecoder, { frames }: SharedVideo): Promise<void> {
  const { width, height } = alone.metadata;
  const count = Math.min(frames.length, 20, Math.max(6, Math.floor(pixelsPerFile / (width * height))));
  const indices = spread(frames.length, count);
  const [linear, reversed] = await Promise.all([digestsAt(alone, indices), digestsAt(together, indices.toReversed())]);
  assert.equal(linear.length, count);
  assert.deepEqual(reversed, linear.toReversed(), "backwards, by two workers");

  const order = shuffled([...indices.keys(), ...indices.keys()].slice(0, count + Math.ceil(count / 3)));
  const expected = order.map((at) => linear[at]);
  const wanted = order.map((at) => indices[at]!);
  assert.deepEqual(await digestsAt(together, wanted), expected, "at random with repetitions, by two workers");
  for (const at of order.slice(0, 2)) {
    const frame = await together.getFrameAt(indices[at]!);
    assert.equal(digest(frame), linear[at], `frame ${indices[at]!} by itself`);
    frame.release();
  }
}

async function digestsAt(video: VideoDecoder, indices: readonly number[]): Promise<string[]> {
  const batch = await video.getFramesAt(indices);
  assert.deepEqual([...batch.indices], indices);
  const all = digests(batch);
  batch.release();
  return all;
}

/** FFmpeg's converters differ in rounding from version to version: the oracle's colours hold within 1.5. */
async function checkColours(video: VideoDecoder, { colour }: SharedVideo): Promise<void> {
  const batch = await video.getFramesAt(colour.grids.keys());
  assert.deepEqual(batch.shape, [colour.grids.size, colour.height, colour.width, 3]);
  for (const frame of batch) {
    const grid = colour.grids.get(frame.index);
    colourGrid(bytesOf(frame), colour.height, colour.width).forEach((cell, at) => {
      cell?.forEach((mean, channel) => {
        const difference = Math.abs(mean - (grid?.[at]?.[channel] ?? NaN));
        assert.ok(difference <= 1.5, `frame ${frame.index}, cell ${at}, channel ${channel}: off by ${difference}`);
      });
    });
  }
  batch.release();
}
