import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import sharp from "sharp";
import {
  type EncodeOptions,
  type EncodedImage,
  type FrameSelection,
  type VideoDecoder,
  type VideoDecoderOptions,
  transforms,
} from "../../src/index.js";
import { withDeadPackets } from "./support/damage.js";
import { clip, ffmpeg } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { pattern } from "./support/hard-clip.js";
import { flat, fps, lossless, plain, plainMkv, transparent, twoSizes } from "./support/clips.js";
import { toRgb } from "./support/colour.js";
import { rotated } from "./support/mp4.js";
import { remap } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const pool = testPool();
const folder = temporaryFolder();

const formats = ["jpeg", "png", "webp"] as const;

async function imagesOf(
  video: VideoDecoder,
  selection: FrameSelection,
  encode: EncodeOptions,
): Promise<EncodedImage[]> {
  return await collect(video.getImages(selection, { encode }));
}

async function open(path: string, options: VideoDecoderOptions = {}): Promise<VideoDecoder> {
  return await pool.openVideo(path, options);
}

/** By a decoder that is not ours. */
async function pixelsOf({ data }: EncodedImage, channels: 1 | 3 | 4 = 3): Promise<Buffer> {
  const image = sharp(data);
  if (channels === 3) image.toColourspace("srgb").removeAlpha();
  if (channels === 1) image.toColourspace("b-w");
  return await image.raw().toBuffer();
}

/** Of a JPEG: what is coded, behind the header. */
function scanOf({ data }: EncodedImage): Buffer {
  const bytes = Buffer.from(data);
  return bytes.subarray(bytes.indexOf("ffda", 0, "hex"));
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe("images of a video", () => {
  it("are files of the format asked for, of the frames that the selection names, as often and in its order", async () => {
    const video = await open(plain.path());
    for (const format of formats) {
      const images = await imagesOf(video, { indices: [31, 4, 4, -1, 0] }, { format });
      assert.deepEqual(
        images.map(({ index }) => index),
        [31, 4, 4, 49, 0],
      );
      for (const image of images) {
        assert.equal(image.format, format);
        assert.equal(image.ptsSeconds, image.index / fps);
        assert.equal(image.durationSeconds, 1 / fps);
        assert.equal(image.status, "ok");
        const { width, height, format: found } = await sharp(image.data).metadata();
        assert.deepEqual([found, width, height], [format, image.width, image.height]);
        assert.deepEqual([width, height], [plain.width, plain.height]);
      }
      assert.deepEqual(images[1]!.data, images[2]!.data);
      assert.notEqual(images[1]!.data.buffer, images[2]!.data.buffer);
    }
  });

  it("understand every selection, with an index and without one", async () => {
    for (const path of [plain.path(), plainMkv()]) {
      for (const seekMode of ["exact", "approximate"] as const) {
        const video = await open(path, { seekMode });
        const indices = async (selection: FrameSelection): Promise<number[]> =>
          (await imagesOf(video, selection, { format: "jpeg" })).map(({ index }) => index);
        assert.deepEqual(await indices({ times: [1, 0.05] }), [25, 1]);
        assert.deepEqual(await indices({ every: 0.5 }), [0, 12, 25, 37]);
        assert.deepEqual(await indices({ count: 3 }), [0, 24, 49]);
        if (seekMode === "exact" || path === plain.path()) {
          assert.deepEqual(await indices({ keyFrames: true }), [0, 12, 24, 36, 48]);
        } else {
          await rejection(indices({ keyFrames: true }), "E_METADATA");
        }
      }
    }
  });

  it("end with the error of a frame that cannot be decoded, whatever is wanted before it", async () => {
    const coded = [...pattern(32), "-pix_fmt", "yuvj420p", "-c:v", "mjpeg"];
    const video = await open(withDeadPackets(clip("dead.mov", coded), [27]));
    for (const indices of [[27], [26, 27], [28, 27, 29], [29, 28, 27, 26]]) {
      const error = await rejection(imagesOf(video, { indices }, { format: "jpeg" }), "E_DECODE");
      assert.equal(error.frame?.index, 27);
    }
  });

  it("PNG has the pixels of the frames, of every pixelFormat, whatever the layout and the type", async () => {
    for (const [path, size] of [
      [plain.path(), 50],
      [transparent("64x48"), 1],
      [lossless("yuv420p10le", "50x34"), 3],
    ] as const) {
      for (const [pixelFormat, channels] of [
        ["rgb24", 3],
        ["rgba", 4],
        ["gray8", 1],
      ] as const) {
        const indices = [0, size - 1];
        const frames = await (await open(path, { pixelFormat })).getFramesAt(indices);
        const video = await open(path, { pixelFormat, dtype: "float32", dimensionOrder: "NCHW" });
        const images = await imagesOf(video, { indices }, { format: "png" });
        for (const [i, frame] of [...frames].entries()) {
          assert.deepEqual(
            await pixelsOf(images[i]!, channels),
            Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength),
          );
        }
      }
    }
  });

  it("of native frames are RGB, and normalize changes nothing", async () => {
    const [expected] = await imagesOf(await open(plain.path()), { indices: [7] }, { format: "png" });
    const normalize = transforms.normalize({ mean: 0.5, std: 0.5 });
    for (const options of [{ pixelFormat: "native" }, { dtype: "float32", transforms: [normalize] }] as const) {
      const [image] = await imagesOf(await open(plain.path(), options), { indices: [7] }, { format: "png" });
      assert.deepEqual(image!.data, expected!.data);
    }
  });

  it("lossy ones look like the frames: scaled, turned, cropped, of other chroma and of more than 8 bits", async () => {
    const { resize, centerCrop, flip } = transforms;
    for (const [path, options] of [
      [plain.path(), {}],
      [plain.path(), { transforms: [resize([48, 72])] }],
      [plain.path(), { transforms: [resize([31, 45])] }],
      [plain.path(), { transforms: [centerCrop(50), flip("horizontal")] }],
      [rotated(plain.path(), 90), {}],
      [rotated(plain.path(), 90), { transforms: [resize({ width: 40 })] }],
      [rotated(plain.path(), 180), {}],
      [lossless("yuv422p", "62x46"), {}],
      [lossless("yuv444p", "61x47"), {}],
      [lossless("yuv420p10le", "62x46"), {}],
      [lossless("yuv420p10le", "62x46"), { transforms: [resize([23, 31])] }],
      [lossless("gbrp", "62x46"), {}],
      [lossless("gray", "62x46"), {}],
    ] as const) {
      const video = await open(path, options);
      const [png] = await imagesOf(video, { indices: [0] }, { format: "png" });
      const { width, height } = png!;
      const wanted = await pixelsOf(png!);
      const others = sharp(wanted, { raw: { width, height, channels: 3 } }).jpeg({ quality: 100 });
      // A test pattern is mostly edges of colour: what half the chroma's resolution leaves of them, whoever encodes it.
      const loss = meanDifference(
        await sharp(await others.toBuffer())
          .raw()
          .toBuffer(),
        wanted,
      );
      for (const format of ["jpeg", "webp"] as const) {
        const [image] = await imagesOf(video, { indices: [0] }, { format, quality: 100 });
        assert.deepEqual([image!.width, image!.height], [png!.width, png!.height]);
        const difference = meanDifference(await pixelsOf(image!), wanted);
        const what = `${format} of ${path} with ${JSON.stringify(options)}: ${difference}, others lose ${loss}`;
        assert.ok(difference < 1.3 * loss + 1.5, what);
      }
    }
  });

  it("JPEG of an odd size holds nothing but the picture: what is coded has one column and row more, like the last", async () => {
    for (const format of ["yuv420p", "yuv422p"] as const) {
      for (const [width, height] of [
        [95, 63],
        [96, 63],
        [95, 64],
      ] as const) {
        for (const range of ["pc", "tv"] as const) {
          const name = `${format}-${width}x${height}-${range}.mkv`;
          const coded = ["-color_range", range, "-colorspace", "smpte170m", "-c:v", "ffv1"];
          const scaled = `scale=${width}:${height}:out_range=${range},format=${format}`;
          const odd = clip(`odd-${name}`, [...pattern(1), "-vf", scaled, ...coded]);
          const raw = ffmpeg(["-i", odd, "-f", "rawvideo", "-"]);
          const luma = Array.from({ length: 96 * 64 }, (_, i) => {
            const [x, y] = [Math.min(i % 96, width - 1), Math.min(Math.floor(i / 96), height - 1)];
            return raw[y * width + x]!;
          });
          // In 4:2:2 each row has its own chroma: the last one's is there once more.
          const chroma = [...raw.subarray(width * height)];
          const rows = format === "yuv420p" ? 32 : height;
          const planes = [chroma.slice(0, 48 * rows), chroma.slice(48 * rows)];
          if (format === "yuv422p" && height < 64) planes.forEach((plane) => plane.push(...plane.slice(-48)));
          const file = join(folder, "even.yuv");
          writeFileSync(file, Buffer.from([...luma, ...planes.flat()]));
          const even = join(folder, `even-${name}`);
          ffmpeg(["-f", "rawvideo", "-pix_fmt", format, "-s", "96x64", "-i", file, ...coded, even]);
          const [image] = await imagesOf(await open(odd), { indices: [0] }, { format: "jpeg", quality: 100 });
          const [wanted] = await imagesOf(await open(even), { indices: [0] }, { format: "jpeg", quality: 100 });
          assert.deepEqual([image!.width, image!.height], [width, height]);
          assert.deepEqual(scanOf(image!), scanOf(wanted!), name);
        }
      }
    }
  });

  it("are turned as the frames are", async () => {
    const { width, height } = plain;
    const [upright] = await imagesOf(await open(plain.path()), { indices: [0] }, { format: "jpeg", quality: 100 });
    const video = await open(rotated(plain.path(), 90));
    const [image] = await imagesOf(video, { indices: [0] }, { format: "jpeg", quality: 100 });
    const turned = remap(await pixelsOf(upright!), [height, width, 3], (row, column) => [column, width - 1 - row], [
      width,
      height,
    ]);
    assert.ok(meanDifference(await pixelsOf(image!), Uint8Array.from(turned)) < 1.5);
  });

  it("of a stream whose size changes all have the stream's", async () => {
    const video = await open(twoSizes.jpeg());
    const images = await imagesOf(video, { count: 4 }, { format: "jpeg" });
    const { width, height } = video.metadata;
    for (const image of images) assert.deepEqual([image.width, image.height], [width, height]);
  });

  it("are smaller with less quality", async () => {
    const video = await open(plain.path());
    for (const format of ["jpeg", "webp"] as const) {
      const sizes: number[] = [];
      for (const quality of [{ quality: 10 }, {}, { quality: 100 }]) {
        const [image] = await imagesOf(video, { indices: [3] }, { format, ...quality });
        sizes.push(image!.data.length);
      }
      assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => a - b),
      );
      assert.equal(new Set(sizes).size, 3);
    }
  });
});

describe("the colours of images are those that a player shows", () => {
  const colour = [120, 90, 200] as const;
  for (const matrix of ["smpte170m", "bt709", "bt2020nc"] as const) {
    for (const range of ["tv", "pc"] as const) {
      for (const depth of [8, 10]) {
        it(`${matrix}, ${range}, ${depth} bit`, async () => {
          const stored = colour.map((value) => value * 2 ** (depth - 8)) as unknown as typeof colour;
          const expected = toRgb(colour, range, matrix);
          for (const size of ["64x48", "50x34"]) {
            const video = await open(flat(stored, { depth, range, matrix, size }));
            for (const format of formats) {
              const [image] = await imagesOf(video, { indices: [0] }, { format });
              const pixels = await pixelsOf(image!);
              const pixel = 5 * image!.width + 7;
              expected.forEach((wanted, channel) => {
                const value = pixels[3 * pixel + channel]!;
                const what = `channel ${channel} of ${format}: ${value}, expected ${wanted}`;
                // From more than 8 bits to 8, FFmpeg's converter rounds more coarsely.
                assert.ok(Math.abs(value - wanted) < (format === "png" && depth > 8 ? 4 : 2.6), what);
              });
            }
          }
        });
      }
    }
  }
});

describe("images through a connection", () => {
  it("are the same bytes", async () => {
    const client = connected(pool);
    const [own, theirs] = [await open(plain.path()), await client.openVideo(plain.path())];
    const selection = { indices: [5, 30, 2] };
    for (const format of formats) {
      const expected = await imagesOf(own, selection, { format });
      assert.deepEqual(await imagesOf(theirs, selection, { format }), expected);
      for await (const { images } of client.extract([{ source: plain.path(), ...selection }], { encode: { format } })) {
        assert.deepEqual(images, expected);
      }
    }
  });
});
