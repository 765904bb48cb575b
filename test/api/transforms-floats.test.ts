import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Frame, type VideoDecoderOptions, transforms } from "../../src/index.js";
import { lossless, plain } from "./support/clips.js";
import { testPool } from "./support/pool.js";

const { normalize, resize } = transforms;
const pool = testPool();

async function first(path: string, options: VideoDecoderOptions): Promise<Frame> {
  const video = await pool.openVideo(path, options);
  return await video.getFrameAt(0);
}

describe("normalize", () => {
  const mean = [0.485, 0.456, 0.406];
  const std = [0.229, 0.224, 0.225];
  const expected = (value: number, channel: number): number =>
    Math.fround(Math.fround(Math.fround(value / 255) - Math.fround(mean[channel]!)) / Math.fround(std[channel]!));

  for (const source of [plain.path(), lossless("yuv444p", "97x53")]) {
    it(`is PyTorch's arithmetic, both layouts (${source.replace(/.*\//, "")})`, async () => {
      const bytes = await first(source, { transforms: [resize([30, 45])] });
      const chain = [resize([30, 45]), normalize({ mean, std })];
      const nhwc = await first(source, { dtype: "float32", transforms: chain });
      assert.deepEqual(
        nhwc.data,
        Float32Array.from(bytes.data, (value, i) => expected(value, i % 3)),
      );
      const nchw = await first(source, { dtype: "float32", dimensionOrder: "NCHW", transforms: chain });
      assert.deepEqual(nchw.shape, [3, 30, 45]);
      const pixels = 30 * 45;
      assert.deepEqual(
        nchw.data,
        Float32Array.from(nchw.data, (_, i) =>
          expected(bytes.data[(i % pixels) * 3 + Math.floor(i / pixels)]!, Math.floor(i / pixels)),
        ),
      );
    });
  }

  it("leaves alpha and takes one number for all", async () => {
    const options = { dtype: "float32", transforms: [normalize({ mean: 0.5, std: 0.25 })] } as const;
    const rgba = await first(plain.path(), { ...options, pixelFormat: "rgba" });
    assert.ok(rgba.data.every((value, i) => i % 4 !== 3 || value === 1));
    const grey = await first(plain.path(), { ...options, pixelFormat: "gray8" });
    const bytes = await first(plain.path(), { pixelFormat: "gray8" });
    assert.deepEqual(
      grey.data,
      Float32Array.from(bytes.data, (value) => (Math.fround(value / 255) - 0.5) / 0.25),
    );
  });
});

describe("float16", () => {
  for (const options of [
    {},
    { dimensionOrder: "NCHW" },
    { transforms: [normalize({ mean: 0.5, std: 0.2 })] },
  ] as const) {
    it(`is float32 rounded, as bits (${JSON.stringify(options)})`, async () => {
      const halves = await first(plain.path(), { ...options, dtype: "float16" });
      const floats = await first(plain.path(), { ...options, dtype: "float32" });
      assert.equal(halves.dtype, "float16");
      assert.ok(halves.data instanceof Uint16Array);
      assert.equal(halves.data.length, floats.data.length);
      for (const [i, bits] of halves.data.entries()) {
        const value = floats.data[i]!;
        const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 2 ** -14))) - 10);
        if (Math.abs(halfValue(bits) - value) > step / 2) assert.fail(`${halfValue(bits)} of ${value}`);
      }
    });
  }
});

function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const size = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}
