import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { DecoderPool, type EncodedImage, type ImagesOptions, type SkippedFrame, transforms } from "../../src/index.js";
import { intra, plain, slow } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { rejection, testPool } from "./support/pool.js";
import { asyncSource } from "./support/readable-sources.js";
import { collect } from "./support/sequences.js";

const pool = testPool();
const encode = { format: "jpeg" } as const;
const all = Array.from({ length: plain.frames }, (_, i) => i);

describe("images that cannot be made", () => {
  it("of wrong options are E_ARGUMENT, by name", async () => {
    const video = await pool.openVideo(plain.path());
    const selection = { indices: [0] };
    for (const [options, name] of [
      [{}, "options.encode"],
      [{ encode: { format: "gif" } }, "options.encode.format"],
      [{ encode: {} }, "options.encode.format"],
      [{ encode: { format: "jpeg", quality: 0 } }, "options.encode.quality"],
      [{ encode: { format: "webp", quality: 101 } }, "options.encode.quality"],
      [{ encode: { format: "jpeg", quality: 50.5 } }, "options.encode.quality"],
      [{ encode: { format: "png", quality: 50 } }, "options.encode.quality"],
      [{ encode: { format: "png", level: 3 } }, "options.encode.level"],
      [{ encode, onSkip: 3 }, "options.onSkip"],
      [{ encode, skip: true }, "options.skip"],
    ] as const) {
      const call = (): unknown => video.getImages(selection, options as unknown as ImagesOptions);
      assert.throws(call, { code: "E_ARGUMENT", message: new RegExp(`\\b${name}\\b`) });
    }
    assert.throws(() => video.getImages({} as never, { encode }), {
      code: "E_ARGUMENT",
      message: /selection/,
    });
    assert.throws(() => pool.extract([], { encode: { format: "bmp" as "png" } }), { code: "E_ARGUMENT" });
    assert.throws(() => video.getImages({ indices: [50] }, { encode }), { code: "E_OUT_OF_RANGE" });
  });

  it("for their size are E_LIMIT, which names the format's bound", async () => {
    for (const [format, side, most] of [
      ["webp", 16_384, 16_383],
      ["jpeg", 65_501, 65_500],
    ] as const) {
      const wide = { transforms: [transforms.resize([2, side])] };
      const video = await pool.openVideo(plain.path(), wide);
      const error = await rejection(collect(video.getImages({ indices: [0] }, { encode: { format } })), "E_LIMIT");
      assert.ok(error.message.includes(String(most)) && error.message.includes(plain.path()), error.message);
      const extracted = pool.extract([{ source: plain.path(), indices: [0] }], { ...wide, encode: { format } });
      for await (const { error: failure } of extracted) assert.equal((failure as { code?: string }).code, "E_LIMIT");
      const largest = await pool.openVideo(plain.path(), { transforms: [transforms.resize([2, most])] });
      const [image] = await collect(largest.getImages({ indices: [0] }, { encode: { format, quality: 20 } }));
      assert.deepEqual([image?.width, image?.height], [most, 2]);
    }
  });

  it("for their number are E_LIMIT in an extraction, and none in a loop", async () => {
    const bytes = 10 * plain.width * plain.height * 3;
    const small = new DecoderPool({ workers: 2, limits: { maxOutputBytes: bytes } });
    try {
      for (const source of [plain.path(), asyncSource(readFileSync(plain.path()))]) {
        const requests = [10, 11].map((count) => ({ source, key: count, count }));
        for await (const { key, images, error } of small.extract(requests, { encode })) {
          if (key === 10) assert.equal(images?.length, 10);
          else assert.equal((error as { code?: string }).code, "E_LIMIT");
        }
      }
      const video = await small.openVideo(plain.path());
      assert.equal((await collect(video.getImages({ indices: all }, { encode }))).length, plain.frames);
    } finally {
      await small.close();
    }
  });

  it("for damage: those before come first, then E_DECODE; skipped ones are told, nearest ones say so", async () => {
    const damaged = withDeadPackets(intra.path(), [7]);
    const { length } = await pool.openVideo(damaged);
    const seen: number[] = [];
    const strict = await pool.openVideo(damaged);
    const failing = (async () => {
      for await (const { index } of strict.getImages({ indices: all.slice(0, length) }, { encode })) seen.push(index);
    })();
    const error = await rejection(failing, "E_DECODE");
    assert.equal(error.frame?.index, 7);
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);

    const skipped: SkippedFrame[] = [];
    const lenient = await pool.openVideo(damaged, { onError: "skip" });
    const onSkip = (frame: SkippedFrame): unknown => skipped.push(frame);
    const images = await collect(lenient.getImages({ indices: [9, 7, 6, 7] }, { encode, onSkip }));
    assert.deepEqual(
      images.map(({ index }) => index),
      [9, 6],
    );
    assert.deepEqual(
      skipped.map(({ index }) => index),
      [7, 7],
    );
    const request = [{ source: damaged, indices: [9, 7, 6] }];
    for await (const { images: some, skipped: left } of pool.extract(request, {
      encode,
      onError: "skip",
    }) as AsyncIterable<{
      images: readonly EncodedImage[];
      skipped: readonly SkippedFrame[];
    }>) {
      assert.deepEqual([some.map(({ index }) => index), left.map(({ index }) => index)], [[9, 6], [7]]);
    }

    const near = await pool.openVideo(damaged, { onError: "nearest" });
    const [nearest] = await collect(near.getImages({ indices: [7] }, { encode }));
    assert.equal(nearest?.status, "nearest");
    assert.notEqual(nearest.index, 7);
  });
});

describe("a loop over images", () => {
  it("goes on with no memory to encode ahead", async () => {
    const poor = new DecoderPool({ workers: 3, memoryBudget: 0 });
    try {
      const video = await poor.openVideo(plain.path());
      const images = await collect(video.getImages({ indices: all }, { encode }));
      assert.deepEqual(
        images.map(({ index }) => index),
        all,
      );
    } finally {
      await poor.close();
    }
  });

  it("that is left, aborted, or whose video is closed ends the work", async () => {
    const video = await pool.openVideo(slow.path());
    const selection = { count: slow.frames };
    for await (const { index } of video.getImages(selection, { encode })) {
      assert.equal(index, 0);
      break;
    }
    const reason = new Error("enough");
    const stop = new AbortController();
    const aborted = (async () => {
      const images = video.getImages(selection, { encode, signal: stop.signal });
      for (;;) {
        if ((await images.next()).done === true) return;
        stop.abort(reason);
      }
    })();
    await assert.rejects(aborted, (error) => error === reason);
    const closed = (async () => {
      const images = video.getImages(selection, { encode });
      while ((await images.next()).done !== true) void video.close();
    })();
    await rejection(closed, "E_CLOSED");
    // The workers are free again.
    const other = await pool.openVideo(plain.path());
    assert.equal((await collect(other.getImages({ count: 2 }, { encode }))).length, 2);
  });
});
