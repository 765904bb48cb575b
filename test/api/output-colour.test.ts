import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VideoDecoderOptions } from "../../src/index.js";
import { flat } from "./support/clips.js";
import { toRgb } from "./support/colour.js";
import { testPool } from "./support/pool.js";

const outputs: readonly VideoDecoderOptions[] = [
  {},
  { pixelFormat: "rgba" },
  { dtype: "float32" },
  { dimensionOrder: "NCHW" },
  { pixelFormat: "rgba", dtype: "float32", dimensionOrder: "NCHW" },
];

describe("colour range and matrix are honoured on every path", () => {
  const pool = testPool();
  const colour = [120, 90, 200] as const;

  for (const matrix of ["smpte170m", "bt709", "bt2020nc"] as const) {
    for (const range of ["tv", "pc"] as const) {
      for (const depth of [8, 10]) {
        for (const size of ["64x48", "50x34"]) {
          it(`${matrix}, ${range}, ${depth} bit, ${size}`, async () => {
            const scale = 2 ** (depth - 8);
            const stored = colour.map((value) => value * scale) as unknown as typeof colour;
            const expected = toRgb(colour, range, matrix);
            for (const options of outputs) {
              const video = await pool.openVideo(flat(stored, { depth, range, matrix, size }), options);
              assert.equal(video.metadata.colorRange, range);
              assert.equal(video.metadata.colorSpace, matrix);
              const { data, width, height } = await video.getFrameAt(0);
              const channels = data.length / (width * height);
              const pixel = 5 * width + 7;
              expected.forEach((wanted, channel) => {
                const at =
                  options.dimensionOrder === "NCHW" ? channel * width * height + pixel : pixel * channels + channel;
                const value = data[at]! * (options.dtype === "float32" ? 255 : 1);
                const what = `channel ${channel} with ${JSON.stringify(options)}: ${value}, expected ${wanted}`;
                // From more than 8 bits to 8, FFmpeg's converter rounds more coarsely.
                assert.ok(Math.abs(value - wanted) < (depth === 8 ? 2 : 4), what);
              });
              await video.close();
            }
          });
        }
      }
    }
  }
});
