import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { plain } from "./support/clips.js";
import { isPicture, muxed, unitsOf } from "./support/annexb.js";
import { canEncode, clip, ffmpeg } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { rotated } from "./support/mp4.js";
import { digest, md5, streamDigests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";

const folder = temporaryFolder();
const pool = testPool();
const size = "128x96";
const frames = 10;

const pattern = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, "-frames:v", String(frames)];
const lossless = {
  h264: ["-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p", "-g", "5", "-bf", "0"],
  hevc: ["-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none:lossless=1:keyint=5:bframes=0"],
};
const encoders = { h264: "libx264", hevc: "libx265" };
/** Left, right, top, bottom: some that rows are aligned to, and some that they are not. */
const windows = [
  [16, 8, 0, 0],
  [2, 0, 0, 0],
  [6, 10, 4, 2],
  [34, 2, 14, 8],
] as const;

for (const codec of ["h264", "hevc"] as const) {
  if (!canEncode(encoders[codec])) continue;
  describe(`${codec}: pictures are cropped as the stream says`, () => {
    const whole = (): string => clip(`whole.${codec}`, [...pattern, ...lossless[codec]]);
    for (const [left, right, top, bottom] of windows) {
      const [width, height] = [128 - left - right, 96 - top - bottom];
      const sides = `crop_left=${left}:crop_right=${right}:crop_top=${top}:crop_bottom=${bottom}`;

      it(`${left} on the left, ${right} on the right, ${top} above, ${bottom} below`, async () => {
        const path = clip(`cropped-${codec}.mp4`, [
          "-i",
          whole(),
          "-c",
          "copy",
          "-bsf:v",
          `${codec}_metadata=${sides}`,
        ]);
        const filter = `crop=${width}:${height}:${left}:${top}`;
        const expected = (format: string): string[] => {
          const bytes = ffmpeg(["-i", whole(), "-vf", filter, "-pix_fmt", format, "-f", "rawvideo", "-"]);
          const each = bytes.length / frames;
          return Array.from({ length: frames }, (_, i) => md5(bytes.subarray(i * each, (i + 1) * each)));
        };
        const native = await pool.openVideo(path, { pixelFormat: "native" });
        assert.deepEqual([native.metadata.width, native.metadata.height], [width, height]);
        assert.deepEqual(await streamDigests(native.frames()), expected("yuv420p"));
        // The same picture without cropping gives the same colours.
        const plainPath = clip(`uncropped-${codec}.mp4`, ["-i", whole(), "-vf", filter, ...lossless[codec]]);
        for (const options of [{}, { dtype: "float32" }] as const) {
          const actual = await (await pool.openVideo(path, options)).getAllFrames();
          const other = await (await pool.openVideo(plainPath, options)).getAllFrames();
          assert.deepEqual(actual.shape, [frames, height, width, 3]);
          assert.deepEqual(actual.data, other.data);
        }
      });
    }
  });
}

if (canEncode("libx264")) {
  describe("a turn that only the pictures state", () => {
    const upright = (): string => clip("upright.h264", [...pattern, ...lossless.h264]);
    const mp4 = (name: string, options: readonly string[]): string =>
      clip(name, ["-r", "25", "-i", upright(), "-c", "copy", ...options]);
    const stated = (degrees: number): readonly string[] => [
      "-bsf:v",
      `h264_metadata=display_orientation=insert:rotate=${degrees}`,
    ];

    for (const degrees of [90, 180, 270] as const) {
      it(`by ${degrees} degrees: as if the container stated it, in any order`, async () => {
        const path = mp4(`turned-${degrees}.mp4`, stated(degrees));
        const expected = await pool.openVideo(rotated(mp4("upright.mp4", []), degrees));
        const want = await streamDigests(expected.frames());
        for (const seekMode of ["exact", "approximate"] as const) {
          const video = await pool.openVideo(path, { seekMode });
          const { width, height, rotation } = video.metadata;
          assert.deepEqual([width, height], [expected.metadata.width, expected.metadata.height]);
          assert.equal((rotation! + 360) % 360, degrees);
          for (const index of [7, 2, 5, 9, 0]) {
            const frame = await video.getFrameAt(index);
            assert.equal(md5(new Uint8Array(frame.data)), want[index], `${seekMode} ${index}`);
          }
        }
        assert.deepEqual(await streamDigests((await pool.openVideo(path)).frames()), want);
      });
    }

    it("changes where a picture states another one, however that is reached", async () => {
      const part = (degrees: number): Buffer => readFileSync(mp4(`turned-${degrees}.h264`, stated(degrees)));
      for (const [first, second] of [
        [90, 0],
        [90, 270],
        [0, 180],
      ] as const) {
        const path = join(folder, `joined-${first}-${second}.h264`);
        writeFileSync(path, Buffer.concat([part(first), part(second)]));
        const video = await pool.openVideo(path);
        const upright = first === 0;
        assert.deepEqual([video.metadata.width, video.metadata.height], upright ? [128, 96] : [96, 128]);
        const inTurn = await streamDigests(video.frames());
        assert.equal(inTurn.length, 2 * frames);
        const alone = await pool.openVideo(path);
        for (const index of [17, 3, 12, 10, 9]) {
          const frame = await alone.getFrameAt(index);
          assert.equal(md5(new Uint8Array(frame.data)), inTurn[index], `${first}, ${second}: ${index}`);
        }
        assert.notEqual(inTurn[12], inTurn[2], "the same picture, turned in another way");
        if (upright) {
          const turned = await pool.openVideo(rotated(mp4("upright.mp4", []), 180));
          assert.deepEqual(inTurn.slice(frames, frames + 5), await streamDigests(turned.frames({ stop: 5 })));
        }
      }
    });

    it("a picture that states none is as the container says", async () => {
      const video = await pool.openVideo(rotated(plain.path(), 90));
      assert.deepEqual([video.metadata.width, video.metadata.height], [plain.height, plain.width]);
    });
  });
}

/** H.265 D.2.1: a turn counter-clockwise, for all pictures from here on. */
function hevcTurn(degrees: number): Buffer {
  const [prefixMessage, displayOrientation] = [39, 47];
  // Not cancelled, not flipped; the turn in 16 bits; it persists; then a one and zeros up to the next byte.
  const bits = ((degrees * 65536) / 360) * 32 + 0b11000;
  const payload = Buffer.alloc(3);
  payload.writeUIntBE(bits, 0, 3);
  return Buffer.from([prefixMessage << 1, 1, displayOrientation, payload.length, ...payload, 0x80]);
}

if (canEncode("libx265")) {
  it("a turn that only HEVC's pictures state: as if the container stated it, in any order", async () => {
    const upright = clip("upright.hevc", [...pattern, ...lossless.hevc]);
    const boxed = (name: string, messages: readonly Buffer[]): string =>
      muxed(name, ["turned", upright, ...messages.map(String)], "hevc", () => {
        const units = unitsOf(readFileSync(upright));
        const first = units.findIndex((unit) => isPicture(unit, "hevc"));
        return units.toSpliced(first, 0, ...messages);
      });
    for (const degrees of [90, 180, 270] as const) {
      const expected = await pool.openVideo(rotated(boxed("upright-hevc.mp4", []), degrees));
      const want = await streamDigests(expected.frames());
      for (const seekMode of ["exact", "approximate"] as const) {
        const video = await pool.openVideo(boxed(`turned-hevc-${degrees}.mp4`, [hevcTurn(degrees)]), { seekMode });
        const { width, height, rotation } = video.metadata;
        assert.deepEqual([width, height], [expected.metadata.width, expected.metadata.height]);
        assert.equal((rotation! + 360) % 360, degrees);
        for (const index of [7, 2, 5, 9, 0]) {
          const frame = await video.getFrameAt(index);
          assert.equal(digest(frame), want[index], `${seekMode}, ${degrees} degrees, frame ${index}`);
        }
      }
    }
  });
}
