import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DecoderPool, type Frame, type Transform, type VideoDecoderOptions, transforms } from "../../src/index.js";
import { lossless, plain } from "./support/clips.js";
import { bytesOf, digest, remap, roundHalfToEven } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";

const { centerCrop, flip, pad, randomCrop, resize } = transforms;
const pool = testPool();

async function first(path: string, options: VideoDecoderOptions): Promise<Frame> {
  const video = await pool.openVideo(path, options);
  return await video.getFrameAt(0);
}

type Shape3 = readonly [number, number, number];
const shapeOf = ({ shape }: Frame): Shape3 => [shape[0]!, shape[1]!, shape[2]!];

/** The picture as it is without transforms, remapped in JavaScript. */
async function remapped(
  path: string,
  options: VideoDecoderOptions,
  to: readonly [number, number],
  from: (row: number, column: number, height: number, width: number) => readonly [number, number],
): Promise<Uint8Array> {
  const whole = await first(path, options);
  const [height, width, channels] = shapeOf(whole);
  return remap(whole.data, [height, width, channels], (row, column) => from(row, column, height, width), to);
}

// Sizes that vector code takes at once, and those it does not; 4:2:0, which is converted in parts, and 4:4:4.
const sources = [
  plain.path(),
  lossless("yuv444p", "97x53"),
  lossless("yuv420p", "97x53"),
  lossless("yuv420p", "98x54"),
];

for (const source of sources) {
  for (const pixelFormat of ["rgb24", "rgba", "gray8"] as const) {
    describe(`${source.replace(/.*\//, "")}, ${pixelFormat}`, () => {
      it("centerCrop is the middle, the odd pixel rounded to even", async () => {
        for (const [height, width] of [
          [20, 31],
          [21, 30],
          [23, 32],
          [1, 1],
        ] as const) {
          const frame = await first(source, { pixelFormat, transforms: [centerCrop([height, width])] });
          assert.deepEqual(frame.shape.slice(0, 2), [height, width]);
          assert.deepEqual([frame.height, frame.width], [height, width]);
          const expected = await remapped(source, { pixelFormat }, [height, width], (row, column, h, w) => [
            row + roundHalfToEven((h - height) / 2),
            column + roundHalfToEven((w - width) / 2),
          ]);
          assert.deepEqual(frame.data, expected);
        }
      });

      it("flip mirrors", async () => {
        const { height, width } = await first(source, { pixelFormat });
        const across = await first(source, { pixelFormat, transforms: [flip("horizontal")] });
        assert.deepEqual(
          across.data,
          await remapped(source, { pixelFormat }, [height, width], (row, column, _, w) => [row, w - 1 - column]),
        );
        const down = await first(source, { pixelFormat, transforms: [flip("vertical")] });
        assert.deepEqual(
          down.data,
          await remapped(source, { pixelFormat }, [height, width], (row, column, h) => [h - 1 - row, column]),
        );
        const both = await first(source, { pixelFormat, transforms: [flip("vertical"), flip("horizontal")] });
        assert.deepEqual(
          both.data,
          await remapped(source, { pixelFormat }, [height, width], (row, column, h, w) => [
            h - 1 - row,
            w - 1 - column,
          ]),
        );
      });

      it("pad puts a border of one colour around", async () => {
        const border = { left: 3, top: 5, right: 2, bottom: 1 };
        const whole = await first(source, { pixelFormat });
        const fill = [200, 100, 50];
        const frame = await first(source, { pixelFormat, transforms: [pad(border, { fill })] });
        const [height, width, channels] = shapeOf(frame);
        assert.deepEqual([height, width], [whole.height + 6, whole.width + 5]);
        const colour = channels === 1 ? [Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)] : [...fill, 255];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const inside = y >= 5 && y < 5 + whole.height && x >= 3 && x < 3 + whole.width;
            for (let c = 0; c < channels; c++) {
              const expected = inside ? whole.data[((y - 5) * whole.width + x - 3) * channels + c] : colour[c];
              if (frame.data[(y * width + x) * channels + c] !== expected) assert.fail(`at ${x}, ${y}, channel ${c}`);
            }
          }
        }
      });

      it("resize keeps the picture", async () => {
        const small = await first(source, { pixelFormat, transforms: [resize([20, 33])] });
        assert.deepEqual([small.height, small.width], [20, 33]);
        const whole = await first(source, { pixelFormat });
        const [height, width, channels] = shapeOf(whole);
        // The mean over the picture stays.
        for (let channel = 0; channel < channels; channel++) {
          const mean = (frame: Frame): number =>
            bytesOf(frame).reduce((sum, value, i) => (i % channels === channel ? sum + value : sum), 0) /
            (frame.data.length / channels);
          assert.ok(Math.abs(mean(small) - mean(whole)) < 4, `${mean(small)} of ${mean(whole)} at ${width}x${height}`);
        }
      });
    });
  }
}

describe("sizes that follow", () => {
  const cases: readonly (readonly [Transform, readonly [number, number]])[] = [
    // Of 96 x 64.
    [resize(32), [32, 48]],
    [resize({ shortest: 31 }), [31, 46]],
    [resize({ longest: 48 }), [32, 48]],
    [resize({ longest: 50 }), [33, 50]],
    [resize({ width: 50 }), [33, 50]],
    [resize({ width: 49 }), [33, 49]],
    [resize({ height: 33 }), [33, 50]],
    [resize({ longest: 1 }), [1, 1]],
    [pad({ to: [70, 96] }), [70, 96]],
    [pad({ to: [10, 101] }), [64, 101]],
    [pad(2), [68, 100]],
    [pad({ left: 1 }), [64, 97]],
    [centerCrop(30), [30, 30]],
  ];
  for (const [transform, size] of cases) {
    it(JSON.stringify(transform), async () => {
      const frame = await first(plain.path(), { transforms: [transform] });
      assert.deepEqual(frame.shape, [...size, 3]);
    });
  }

  it("a portrait's longest side is its height", async () => {
    const frame = await first(lossless("yuv420p", "48x64"), { transforms: [resize({ longest: 32 })] });
    assert.deepEqual(frame.shape, [32, 24, 3]);
  });

  it("metadata stays the video's", async () => {
    const video = await pool.openVideo(plain.path(), { transforms: [resize(32)] });
    assert.deepEqual([video.metadata.height, video.metadata.width], [64, 96]);
    const batch = await video.getFramesAt([0, 7]);
    assert.deepEqual(batch.shape, [2, 32, 48, 3]);
    assert.equal(batch.data.length, 2 * 32 * 48 * 3);
  });
});

describe("one after the other", () => {
  it("a crop of what was flipped, padded and cropped", async () => {
    const chain = [centerCrop([40, 60]), flip("horizontal"), pad(4, { fill: 9 }), centerCrop([46, 66])];
    const frame = await first(plain.path(), { transforms: chain });
    const whole = await first(plain.path(), {});
    const top = (64 - 40) / 2;
    const left = (96 - 60) / 2;
    for (let y = 0; y < 46; y++) {
      for (let x = 0; x < 66; x++) {
        const [row, column] = [y - 3, x - 3];
        const inside = row >= 0 && row < 40 && column >= 0 && column < 60;
        const expected = inside ? whole.data[((top + row) * 96 + left + 59 - column) * 3] : 9;
        if (frame.data[(y * 66 + x) * 3] !== expected) assert.fail(`at ${x}, ${y}`);
      }
    }
  });

  it("a crop of the resized picture is the resized picture's part", async () => {
    const whole = await first(plain.path(), { transforms: [resize([40, 50])] });
    const part = await first(plain.path(), { transforms: [resize([40, 50]), centerCrop([20, 30])] });
    assert.deepEqual(
      part.data,
      remap(whole.data, [40, 50, 3], (row, column) => [row + 10, column + 10], [20, 30]),
    );
  });

  it("every frame of a batch is its own", async () => {
    const video = await pool.openVideo(plain.path(), { transforms: [resize([24, 24]), centerCrop(20)] });
    const batch = await video.getFramesAt([3, 40, 3]);
    const single = await video.getFrameAt(40);
    assert.deepEqual(batch.frame(1).data, single.data);
    assert.deepEqual(batch.frame(0).data, batch.frame(2).data);
    assert.notDeepEqual(batch.frame(0).data, batch.frame(1).data);
  });
});

describe("a picture of odd width", () => {
  for (const source of [lossless("yuv420p", "97x53"), lossless("yuv444p", "97x53"), lossless("yuv420p10le", "97x53")]) {
    it(`is resized to the same whatever came before it (${source.replace(/.*\//, "")})`, async () => {
      const after = async (...frames: number[]): Promise<string> => {
        const fresh = new DecoderPool({ workers: 1 });
        const video = await fresh.openVideo(source, { transforms: [resize([53, 48])] });
        const batch = await video.getFramesAt([...frames, 2]);
        const last = digest(batch.frame(-1));
        await fresh.close();
        return last;
      };
      assert.equal(await after(), await after(0, 1));
      assert.equal(await after(), await after(1));
    });
  }
});

describe("fast resize", () => {
  for (const source of [plain.path(), lossless("yuv420p", "98x54")]) {
    it(`is near the other in ${source.replace(/.*\//, "")}`, async () => {
      const fast = await first(source, { transforms: [resize([30, 44], { fast: true })] });
      const exact = await first(source, { transforms: [resize([30, 44])] });
      assert.deepEqual(fast.shape, exact.shape);
      const sum = bytesOf(fast).reduce((total, value, i) => total + Math.abs(value - exact.data[i]!), 0);
      assert.ok(sum / fast.data.length < 16, `mean difference ${sum / fast.data.length}`);
      assert.notDeepEqual(fast.data, exact.data);
    });
  }
});

describe("what does not fit", () => {
  it("a crop larger than the picture", async () => {
    const error = await rejection(
      pool.openVideo(plain.path(), { transforms: [centerCrop([65, 10])] }),
      "E_OUT_OF_RANGE",
    );
    assert.match(error.message, /plain\.mp4: a crop of 10x65 does not fit the picture of 96x64/);
    await rejection(pool.openVideo(plain.path(), { transforms: [resize(20), randomCrop(21)] }), "E_OUT_OF_RANGE");
  });

  it("in extract it is the request's own error", async () => {
    const requests = [plain.path(), lossless("yuv420p", "98x54")].map((source) => ({ source, count: 2 }));
    const options = { transforms: [centerCrop([60, 60])], ordered: true };
    const results = [];
    for await (const { batch, error } of pool.extract(requests, options)) {
      results.push(batch?.shape ?? (error as { code?: string } | undefined)?.code);
    }
    assert.deepEqual(results, [[2, 60, 60, 3], "E_OUT_OF_RANGE"]);
  });

  it("limits count what comes out", async () => {
    const small = testPool({ workers: 1, limits: { maxPixels: 70_000, maxOutputBytes: 30_000 } });
    await rejection(small.openVideo(plain.path(), { transforms: [resize([300, 300])] }), "E_LIMIT");
    const video = await small.openVideo(plain.path(), { transforms: [resize([10, 10])] });
    assert.equal((await video.getAllFrames()).length, 50);
    const large = await small.openVideo(plain.path(), { transforms: [pad(1)] });
    await rejection(large.getFramesAt([0, 1]), "E_LIMIT");
  });
});
