import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VideoDecoderOptions } from "../../src/index.js";
import { flat } from "./support/clips.js";
import { toRgb } from "./support/colour.js";
import { clip, ffmpeg } from "./support/ffmpeg.js";
import { testPool } from "./support/pool.js";

/** What FFmpeg's command makes of a file's first picture. */
const converted = (path: string, format: string): Uint8Array =>
  ffmpeg(["-i", path, ...["-frames:v", "1", "-pix_fmt", format, "-f", "rawvideo", "-"]]);
const pictures = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "1"];

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

describe("pictures that say little of their colour are FFmpeg's", () => {
  const pool = testPool();
  const first = async (path: string, pixelFormat: "rgb24" | "gray8"): Promise<Uint8Array> => {
    const video = await pool.openVideo(path, { pixelFormat });
    const { data } = await video.getFrameAt(0);
    await video.close();
    return data;
  };

  /** As FFmpeg's command, whose version may be another one and round otherwise. */
  const isGrey = async (path: string): Promise<void> => {
    const grey = converted(path, "gray");
    (await first(path, "gray8")).forEach((value, at) => {
      assert.ok(Math.abs(value - grey[at]!) <= 1, `${value} at ${at}, expected ${grey[at]}`);
    });
  };

  for (const [encoder, format] of [
    ["jpeg2000", "gray"],
    ["jpeg2000", "gray10le"],
    ["jpeg2000", "gray16le"],
    ["jpeg2000", "ya8"],
    ["rawvideo", "ya8"],
    ["rawvideo", "gray12le"],
    ["jpegls", "gray16le"],
  ] as const) {
    it(`grey that names no range has all of it: ${encoder}, ${format}`, async () => {
      const name = `${encoder}-${format}.${encoder === "jpegls" ? "avi" : "nut"}`;
      const path = clip(name, [...pictures, "-c:v", encoder, "-pix_fmt", format]);
      assert.deepEqual([...(await first(path, "rgb24"))], [...converted(path, "rgb24")]);
      await isGrey(path);
    });
  }

  it("grey of RGB is the same whether the stream says that it is RGB or not", async () => {
    const named = clip("named.mkv", [...pictures, "-c:v", "ffv1", "-pix_fmt", "bgr0"]);
    const unnamed = clip("unnamed.avi", [...pictures, "-c:v", "rawvideo", "-pix_fmt", "bgr24"]);
    assert.deepEqual(await first(named, "gray8"), await first(unnamed, "gray8"));
    await isGrey(named);
  });
});
