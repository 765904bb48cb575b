import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { MediaSource, VideoDecoder, VideoDecoderOptions } from "../../src/index.js";
import { RangeServer } from "../support/range-server.js";
import { canEncode } from "./support/ffmpeg.js";
import { canMake } from "./support/hard-clips.js";
import { describedMpeg4, headerClips } from "./support/header-clips.js";
import { keptLate, longTermClips } from "./support/long-term-clips.js";
import { digest, streamDigests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { asyncSource, shortSource } from "./support/readable-sources.js";
import { range, shuffled } from "./support/sequences.js";
import { type TrueFrame, truth } from "./support/truth.js";

const clips = [...headerClips, ...longTermClips].filter(canMake);

/** What a decoder has seen before must not decide what a frame looks like, nor how much of a file is at hand. */
describe("headers that change, and pictures kept for long, with frames asked alone", { concurrency: false }, () => {
  const pool = testPool({ workers: 1 });
  let server: RangeServer;
  before(async () => {
    server = await RangeServer.start();
  });
  after(() => server.close());

  for (const { name, because, path } of clips) {
    describe(`${name}: ${because}`, () => {
      const sources = (): Record<string, () => MediaSource> => {
        const bytes = readFileSync(path());
        return {
          "a path": path,
          bytes: () => new Uint8Array(bytes),
          "a source that answers at once": () => shortSource(bytes, 1000),
          "a source that answers later": () => asyncSource(bytes),
          "an address": () => server.serve(bytes, name),
        };
      };

      for (const threadsPerWorker of [1, 3]) {
        it(`each is right, whatever the bytes come from, with FFmpeg threads: ${String(threadsPerWorker)}`, async () => {
          const frames = truth(path());
          for (const [kind, source] of Object.entries(sources())) {
            for (const index of some(frames)) {
              const video = await open(source(), { threadsPerWorker });
              const frame = await video.getFrameAt(index);
              const found = [frame.status, digest(frame)];
              assert.deepEqual(found, ["ok", frames[index]?.md5], `${kind}, frame ${String(index)}`);
              await video.close();
            }
          }
        });

        it(`the same in approximate mode, with FFmpeg threads: ${String(threadsPerWorker)}`, async () => {
          const frames = truth(path());
          for (const [kind, source] of Object.entries(sources())) {
            for (const index of some(frames)) {
              const video = await open(source(), { threadsPerWorker, seekMode: "approximate" });
              const frame = await video.getFrameAt(Math.min(index, video.length - 1));
              const right = frames.find(({ pts }) => pts !== null && Math.abs(pts - frame.ptsSeconds) < 1e-5);
              const found = [frame.status, digest(frame)];
              assert.deepEqual(found, ["ok", right?.md5], `${kind}, frame ${String(index)}`);
              await video.close();
            }
          }
        });
      }
    });
  }

  for (const seekMode of ["exact", "approximate"] as const) {
    for (const threadsPerWorker of [1, 3]) {
      const how = `${seekMode} mode, with FFmpeg threads: ${String(threadsPerWorker)}`;
      it(`those of a second sample description that MPEG-4's decoder is not told of: ${how}`, async () => {
        const { path, parts } = describedMpeg4();
        // FFmpeg itself goes on with the first description.
        const right = parts.flatMap((part) => truth(part).map(({ md5 }) => md5));
        const video = await open(path, { threadsPerWorker, seekMode });
        assert.deepEqual(await streamDigests(video.frames()), right);
        for (const index of [...shuffled(range(0, right.length)), ...range(0, right.length).reverse()]) {
          const frame = await video.getFrameAt(index);
          assert.deepEqual([frame.status, digest(frame)], ["ok", right[index]], `frame ${String(index)}`);
        }
        await video.close();
      });
    }
  }

  it(
    "pictures that were seen to be kept are known, wherever in the stream they are",
    { skip: !canEncode("libx264") },
    async () => {
      const video = await open(asyncSource(readFileSync(keptLate())), { threadsPerWorker: 1 });
      await video.getFramesInRange(0, 20);
      const frame = await video.getFrameAt(40);
      assert.deepEqual([frame.status, digest(frame)], ["ok", truth(keptLate())[40]?.md5]);
      await video.close();
    },
  );

  it("those of an aborted access are not the next one's", { skip: !canEncode("libx264") }, async () => {
    const path = clips.find(({ name }) => name === "headers-h264.mkv")!.path();
    const video = await open(path, { threadsPerWorker: 3 });
    for (let i = 0; i < 60; i++) {
      const stop = new AbortController();
      const stopped = video.getFrameAt(37, { signal: stop.signal }).catch(() => undefined);
      // About where its decoder has been opened, and nothing was sent to it.
      await setImmediate();
      const until = performance.now() + (i % 20) * 0.15;
      while (performance.now() < until);
      stop.abort();
      await stopped;
      assert.equal(digest(await video.getFrameAt(13)), truth(path)[13]?.md5, `abort ${String(i)}`);
    }
    await video.close();
  });

  const open = (source: MediaSource, options: VideoDecoderOptions): Promise<VideoDecoder> =>
    pool.openVideo(source, { pixelFormat: "native", ...options });
});

/** Of the last GOPs most. */
function some(frames: readonly TrueFrame[]): number[] {
  const { length } = frames;
  return [length - 1, ...shuffled(range(length >> 1, length)).slice(0, 1), 3];
}
