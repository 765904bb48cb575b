import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PixelData, VideoDecoderOptions } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { rotated } from "./support/mp4.js";
import { remap } from "./support/pixels.js";
import { testPool } from "./support/pool.js";

const pool = testPool();
const { width, height } = plain;

/** Where the pixel of a picture turned counter-clockwise comes from. */
const turns = {
  90: (row: number, column: number) => [column, width - 1 - row] as const,
  180: (row: number, column: number) => [height - 1 - row, width - 1 - column] as const,
  270: (row: number, column: number) => [height - 1 - column, row] as const,
};

describe("a display matrix turns the picture", () => {
  for (const degrees of [90, 180, 270] as const) {
    const upright = degrees === 180;
    const size = upright ? ([height, width] as const) : ([width, height] as const);
    const path = rotated(plain.path(), degrees);

    it(`by ${degrees} degrees: width, height and rotation say so`, async () => {
      const { metadata } = await pool.openVideo(path);
      assert.deepEqual([metadata.height, metadata.width], size);
      assert.deepEqual([metadata.codedWidth, metadata.codedHeight], [width, height]);
      assert.equal((metadata.rotation! + 360) % 360, degrees);
    });

    for (const [pixelFormat, channels] of [
      ["rgb24", 3],
      ["rgba", 4],
      ["gray8", 1],
    ] as const) {
      it(`by ${degrees} degrees: ${pixelFormat} is the unrotated picture, turned`, async () => {
        const plainVideo = await pool.openVideo(plain.path(), { pixelFormat });
        const video = await pool.openVideo(path, { pixelFormat });
        for (const index of [0, 17]) {
          const before = await plainVideo.getFrameAt(index);
          const after = await video.getFrameAt(index);
          assert.deepEqual(after.shape, [...size, channels]);
          const turned = remap(before.data, [height, width, channels], turns[degrees], size);
          assert.deepEqual(after.data, turned);
        }
      });
    }

    it(`by ${degrees} degrees: the other layouts and types turn with it`, async () => {
      const bytes = await (await pool.openVideo(path)).getFrameAt(5);
      const open = async (options: VideoDecoderOptions): Promise<PixelData> => {
        const frame = await (await pool.openVideo(path, options)).getFrameAt(5);
        return frame.data;
      };
      assert.deepEqual(
        await open({ dtype: "float32" }),
        Float32Array.from(bytes.data, (value) => value / 255),
      );
      const planes = await open({ dimensionOrder: "NCHW" });
      const pixels = width * height;
      assert.ok(bytes.data.every((value, i) => planes[(i % 3) * pixels + Math.floor(i / 3)] === value));
    });
  }
});
