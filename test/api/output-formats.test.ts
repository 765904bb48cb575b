import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DType, Frame, PixelData, VideoDecoderOptions } from "../../src/index.js";
import { lossless, plain, transparent } from "./support/clips.js";
import { ffmpeg } from "./support/ffmpeg.js";
import { bytesOf, largestDifference } from "./support/pixels.js";
import { testPool } from "./support/pool.js";

const pool = testPool();

async function first(path: string, options: VideoDecoderOptions): Promise<Frame> {
  const video = await pool.openVideo(path, options);
  const frame = await video.getFrameAt(0);
  const { width, height } = video.metadata;
  const channels = options.pixelFormat === "rgba" ? 4 : options.pixelFormat === "gray8" ? 1 : 3;
  const planar = options.dimensionOrder === "NCHW";
  assert.deepEqual(frame.shape, planar ? [channels, height, width] : [height, width, channels]);
  assert.equal(frame.pixelFormat, options.pixelFormat ?? "rgb24");
  assert.equal(frame.dtype, options.dtype ?? "uint8");
  assert.ok(frame.data instanceof (frame.dtype === "float32" ? Float32Array : Uint8Array));
  return frame;
}

/** From interleaved pixels to planes. */
function toPlanes(data: PixelData, channels: number): PixelData<DType, ArrayBuffer> {
  const result = data.slice();
  const pixels = data.length / channels;
  for (let i = 0; i < data.length; i++) result[(i % channels) * pixels + Math.floor(i / channels)] = data[i]!;
  return result;
}

/** The first picture as FFmpeg's command line converts it. */
function reference(path: string, format: string): Buffer {
  return ffmpeg(["-i", path, "-frames:v", "1", "-pix_fmt", format, "-f", "rawvideo", "-"]);
}

// Widths that vector code takes at once, and those it does not.
const sources = ["64x48", "66x50", "97x53", "7x3", "30x17"].map((size) => lossless("yuv444p", size));

describe("layouts and types hold the same picture", () => {
  for (const source of [plain.path(), ...sources, lossless("yuv420p", "97x53"), lossless("yuv420p10le", "97x53")]) {
    for (const pixelFormat of ["rgb24", "rgba", "gray8"] as const) {
      const name = source.replace(/.*\//, "");
      const channels = { rgb24: 3, rgba: 4, gray8: 1 }[pixelFormat];

      it(`${name}, ${pixelFormat}: NCHW is NHWC, plane by plane`, async () => {
        const nhwc = await first(source, { pixelFormat });
        const nchw = await first(source, { pixelFormat, dimensionOrder: "NCHW" });
        assert.deepEqual(nchw.data, toPlanes(nhwc.data, channels));
        const floats = await first(source, { pixelFormat, dtype: "float32" });
        const planes = await first(source, { pixelFormat, dtype: "float32", dimensionOrder: "NCHW" });
        assert.deepEqual(planes.data, toPlanes(floats.data, channels));
      });

      if (!source.includes("10le")) {
        it(`${name}, ${pixelFormat}: float32 is value / 255, exactly`, async () => {
          const bytes = await first(source, { pixelFormat });
          const floats = await first(source, { pixelFormat, dtype: "float32" });
          assert.deepEqual(
            floats.data,
            Float32Array.from(bytes.data, (value) => value / 255),
          );
        });
      }
    }
  }
});

describe("more than 8 bits", () => {
  const source = lossless("yuv420p10le");

  it("float32 keeps them: value / 65535 of 16 bits", async () => {
    const { data } = await first(source, { dtype: "float32" });
    const samples = Array.from(data, (value) => value * 65535);
    for (const sample of samples) assert.ok(Math.abs(sample - Math.round(sample)) < 0.01);
    assert.ok(
      samples.some((sample) => Math.round(sample) % 257 !== 0),
      "some values lie between those of 8 bits",
    );
    const expected = reference(source, "rgb48le");
    const words = new Uint16Array(expected.buffer, expected.byteOffset, expected.length / 2);
    assert.ok(largestDifference(samples, words) <= 2 * 257, "FFmpeg's own, but for rounding");
  });

  // FFmpeg's converter rounds coarsely from more than 8 bits to 8.
  it("uint8 is close to it", async () => {
    const floats = await first(source, { dtype: "float32" });
    const bytes = await first(source, {});
    assert.ok(
      largestDifference(
        floats.data.map((value) => value * 255),
        bytes.data,
      ) < 4,
    );
  });
});

describe("the picture is FFmpeg's, but for rounding", () => {
  for (const source of [...sources, plain.path(), lossless("gray"), lossless("yuv420p10le")]) {
    for (const [pixelFormat, format] of [
      ["rgb24", "rgb24"],
      ["rgba", "rgba"],
      ["gray8", "gray"],
    ] as const) {
      it(`${source.replace(/.*\//, "")} as ${pixelFormat}`, async () => {
        const frame = await first(source, { pixelFormat });
        assert.ok(largestDifference(bytesOf(frame), reference(source, format)) <= 3);
      });
    }
  }
});

describe("transparency", () => {
  for (const size of ["64x48", "50x30"]) {
    it(`rgba of a source with alpha is the source (${size})`, async () => {
      const rgba = await first(transparent(size), { pixelFormat: "rgba" });
      assert.deepEqual(Buffer.from(bytesOf(rgba)), reference(transparent(size), "rgba"));
      const alphas = new Set(rgba.data.filter((_, i) => i % 4 === 3));
      assert.ok(alphas.size > 50, "the test picture's alpha changes");
    });

    it(`rgb24 of it leaves the alpha out (${size})`, async () => {
      const rgba = await first(transparent(size), { pixelFormat: "rgba" });
      const rgb = await first(transparent(size), {});
      assert.deepEqual(
        rgb.data,
        rgba.data.filter((_, i) => i % 4 !== 3),
      );
    });
  }

  it("rgba of an opaque source is opaque: 255, or 1", async () => {
    const rgba = await first(plain.path(), { pixelFormat: "rgba" });
    const rgb = await first(plain.path(), {});
    assert.ok(rgba.data.every((value, i) => i % 4 !== 3 || value === 255));
    assert.deepEqual(
      rgba.data.filter((_, i) => i % 4 !== 3),
      rgb.data,
    );
    for (const source of [plain.path(), lossless("yuv420p10le")]) {
      const floats = await first(source, { pixelFormat: "rgba", dtype: "float32" });
      assert.ok(floats.data.every((value, i) => i % 4 !== 3 || value === 1));
    }
  });
});
