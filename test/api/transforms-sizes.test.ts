import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Transform, transforms, versions } from "../../src/index.js";
import { lossless, plain } from "./support/clips.js";
import { ffmpeg, ffmpegVersion } from "./support/ffmpeg.js";
import { bytesOf, roundHalfToEven } from "./support/pixels.js";
import { testPool } from "./support/pool.js";

const { centerCrop, resize } = transforms;
const pool = testPool();

// What docs/prebuilt.md says of versions, in words for a command of another one: where chroma would be of pairs, 9 takes that of
// each pixel when the width is odd, and RGB, named as a matrix, is BT.601's.
const { version } = (await versions()).ffmpeg;
const isNewer = Number.parseInt(version, 10) >= 9 && !ffmpegVersion().includes(` ${version} `);
const bilinear = (width: number): string => (isNewer && width % 2 === 1 ? "bilinear+full_chroma_inp" : "bilinear");
const matrixOfRgb = isNewer ? "bt601" : "bt709";

async function transformed(path: string, chain: readonly Transform[]): Promise<Buffer> {
  const video = await pool.openVideo(path, { transforms: chain });
  const frame = await video.getFrameAt(1);
  await video.close();
  return Buffer.from(bytesOf(frame));
}

/** What FFmpeg's filters make of the RGB picture, which is how torchcodec resizes and crops. */
function filtered(path: string, filters: string): Buffer {
  const chain = `select=eq(n\\,1),format=rgb24,${filters}`;
  return ffmpeg(["-i", path, "-vf", chain, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
}

const sizes = ["97x53", "96x53", "97x54", "98x54"];
const formats = ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"];
const files = formats.flatMap((format) => sizes.map((size) => lossless(format, size)));

// Smaller and larger, by more than half (where swscale takes chroma from pairs of pixels) and less, one side and both.
const targets = [
  [26, 48],
  [27, 47],
  [20, 33],
  [31, 55],
  [100, 150],
  [53, 60],
  [53, 48],
  [30, 97],
  [70, 40],
] as const;

describe("pixels are those of FFmpeg's filters, as torchcodec's are", () => {
  for (const file of [plain.path(), ...files]) {
    const name = file.replace(/.*\//, "");
    const [sourceWidth = NaN, sourceHeight = NaN] = name
      .match(/(\d+)x(\d+)/)
      ?.slice(1)
      .map(Number) ?? [96, 64];

    it(`resize of ${name}`, async () => {
      for (const [height, width] of targets) {
        const flags = bilinear(sourceWidth);
        const expected = filtered(file, `scale=${String(width)}:${String(height)}:flags=${flags}`);
        const made = await transformed(file, [resize([height, width])]);
        assert.ok(made.equals(expected), `to ${String(width)}x${String(height)}`);
      }
    });

    it(`crop of ${name}, and resize of that`, async () => {
      // As far from the middle as it is wide, whether that is a whole pixel or not, and less than half of it.
      const crop = centerCrop([30, 45]);
      const place = [sourceWidth - 45, sourceHeight - 30].map((room) => roundHalfToEven(room / 2)).join(":");
      const cut = `crop=45:30:${place}:exact=1`;
      assert.ok((await transformed(file, [crop])).equals(filtered(file, cut)), "crop");
      const expected = filtered(file, `${cut},scale=20:14:flags=${bilinear(45)}`);
      assert.ok((await transformed(file, [crop, resize([14, 20])])).equals(expected), "crop and resize");
    });
  }

  it("where both widths are multiples of 32, in the luma and chroma of what is named RGB", async () => {
    const matrix = `in_color_matrix=${matrixOfRgb}:out_color_matrix=${matrixOfRgb}`;
    const expected = filtered(plain.path(), `scale=64:32:flags=bilinear:${matrix}`);
    assert.ok((await transformed(plain.path(), [resize([32, 64])])).equals(expected));
  });
});
