import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lossless, palette, plain } from "./support/clips.js";
import { everyFrame, ffmpeg } from "./support/ffmpeg.js";
import { rotated } from "./support/mp4.js";
import { bytesOf } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool();

/** Every decoded picture as it is, unrotated: planes one after the other, without padding. */
function decodedByFfmpeg(path: string, frameBytes: number): Buffer[] {
  const all = ffmpeg(["-noautorotate", "-i", path, "-map", "0:v:0", ...everyFrame(), "-f", "rawvideo", "-"]);
  assert.equal(all.length % frameBytes, 0);
  return range(0, all.length / frameBytes).map((i) => all.subarray(i * frameBytes, (i + 1) * frameBytes));
}

interface Layout {
  readonly format: string;
  readonly size: string;
  /** Bytes of a sample, width and height of each plane. */
  readonly planes: readonly (readonly [bytes: number, width: number, height: number])[];
}

const layouts: readonly Layout[] = [
  {
    format: "yuv420p",
    size: "64x48",
    planes: [
      [1, 64, 48],
      [1, 32, 24],
      [1, 32, 24],
    ],
  },
  {
    format: "yuv420p",
    size: "97x53",
    planes: [
      [1, 97, 53],
      [1, 49, 27],
      [1, 49, 27],
    ],
  },
  {
    format: "yuv422p",
    size: "97x53",
    planes: [
      [1, 97, 53],
      [1, 49, 53],
      [1, 49, 53],
    ],
  },
  {
    format: "yuv444p",
    size: "97x53",
    planes: [
      [1, 97, 53],
      [1, 97, 53],
      [1, 97, 53],
    ],
  },
  {
    format: "yuv420p10le",
    size: "97x53",
    planes: [
      [2, 97, 53],
      [2, 49, 27],
      [2, 49, 27],
    ],
  },
  {
    format: "yuv444p16le",
    size: "30x18",
    planes: [
      [2, 30, 18],
      [2, 30, 18],
      [2, 30, 18],
    ],
  },
  { format: "gray", size: "97x53", planes: [[1, 97, 53]] },
  { format: "gray10le", size: "30x18", planes: [[2, 30, 18]] },
  {
    format: "yuva420p",
    size: "97x53",
    planes: [
      [1, 97, 53],
      [1, 49, 27],
      [1, 49, 27],
      [1, 97, 53],
    ],
  },
  {
    format: "gbrp10le",
    size: "30x18",
    planes: [
      [2, 30, 18],
      [2, 30, 18],
      [2, 30, 18],
    ],
  },
  { format: "bgr0", size: "30x18", planes: [[4, 30, 18]] },
];

describe("native planes", () => {
  for (const { format, size, planes } of layouts) {
    it(`of ${format}, ${size}`, async () => {
      const path = lossless(format, size);
      const video = await pool.openVideo(path, { pixelFormat: "native" });
      assert.equal(video.metadata.pixelFormat, format);
      const batch = await video.getAllFrames();
      let offset = 0;
      const expected = planes.map(([bytes, width, height]) => {
        const plane = { offset, stride: bytes * width, width, height };
        offset += plane.stride * height;
        return plane;
      });
      assert.deepEqual(batch.planes, expected);
      assert.deepEqual(batch.shape, [3, offset]);
      assert.equal(batch.pixelFormat, format);
      assert.equal(batch.dtype, "uint8");
      const wanted = decodedByFfmpeg(path, offset);
      assert.equal(wanted.length, 3);
      for (const frame of batch) {
        assert.deepEqual(frame.planes, expected);
        assert.deepEqual([frame.width, frame.height, frame.pixelFormat], [...size.split("x").map(Number), format]);
        assert.deepEqual(Buffer.from(bytesOf(frame)), wanted[frame.index]);
      }
    });
  }

  it("of a palette have it behind the pixels", async () => {
    const path = palette();
    const video = await pool.openVideo(path, { pixelFormat: "native" });
    const frame = await video.getFrameAt(1);
    assert.deepEqual(frame.planes, [
      { offset: 0, stride: 40, width: 40, height: 30 },
      { offset: 1200, stride: 1024, width: 256, height: 1 },
    ]);
    assert.deepEqual(Buffer.from(bytesOf(frame)), decodedByFfmpeg(path, 40 * 30 + 1024)[1]);
  });

  it("are not rotated", async () => {
    const [upright, turned] = await Promise.all(
      [plain.path(), rotated(plain.path(), 90)].map((path) => pool.openVideo(path, { pixelFormat: "native" })),
    );
    const [a, b] = [await upright!.getFrameAt(3), await turned!.getFrameAt(3)];
    assert.deepEqual([b.width, b.height], [plain.width, plain.height]);
    assert.deepEqual(b.data, a.data);
  });
});
