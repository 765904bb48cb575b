import assert from "node:assert/strict";
import { describe, it } from "node:test";
import sharp from "sharp";
import { type Transform, transforms } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { rotated } from "./support/mp4.js";
import { testPool } from "./support/pool.js";

const pool = testPool();

type Transfer = "smpte2084" | "arib-std-b67";

/** Ten bits of colours that fill the cube, marked as high dynamic range. */
const bright = (transfer: Transfer, primaries = "bt2020"): string =>
  clip(`bright-${transfer}-${primaries}.mkv`, [
    ...["-f", "lavfi", "-i", "allrgb=rate=1,scale=256:256:flags=neighbor,format=gbrp", "-frames:v", "1"],
    ...["-vf", "scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10", "-c:v", "ffv1"],
    ...["-color_trc", transfer, "-color_primaries", primaries, "-colorspace", "bt2020nc", "-color_range", "tv"],
  ]);

const [m1, m2] = [2610 / 16384, (2523 / 4096) * 128];
const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];

/** SMPTE ST 2084. */
function pqToNits(signal: number): number {
  const power = signal ** (1 / m2);
  return 10_000 * (Math.max(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1);
}

function nitsToPq(nits: number): number {
  const power = (nits / 10_000) ** m1;
  return ((c1 + c2 * power) / (1 + c3 * power)) ** m2;
}

/** ITU-R BT.2100, table 5. */
function hlgToScene(signal: number): number {
  const a = 0.17883277;
  const b = 1 - 4 * a;
  const c = 0.5 - a * Math.log(4 * a);
  return signal <= 0.5 ? signal ** 2 / 3 : (Math.exp((signal - c) / a) + b) / 12;
}

/** ITU-R BT.2390, 5.4.1, with black at 0, for a display of 203 candela per square metre. */
function eetf(nits: number, peak: number): number {
  const top = nitsToPq(peak);
  const e1 = Math.min(1, nitsToPq(nits) / top);
  const maxLum = nitsToPq(203) / top;
  const ks = 1.5 * maxLum - 0.5;
  if (e1 < ks || maxLum >= 1) return nits;
  const t = (e1 - ks) / (1 - ks);
  const e2 =
    (2 * t ** 3 - 3 * t ** 2 + 1) * ks + (t ** 3 - 2 * t ** 2 + t) * (1 - ks) + (-2 * t ** 3 + 3 * t ** 2) * maxLum;
  return pqToNits(e2 * top);
}

/** What the standards make of a pixel, 0 to 255. */
function reference(pixel: readonly number[], transfer: Transfer, peak: number): number[] {
  let light = pixel.map(pqToNits);
  if (transfer === "arib-std-b67") {
    const [red = 0, green = 0, blue = 0] = pixel.map(hlgToScene);
    const luminance = 0.2627 * red + 0.678 * green + 0.0593 * blue;
    const gamma = 1.2 + 0.42 * Math.log10(peak / 1000);
    const system = luminance === 0 ? 0 : peak * luminance ** (gamma - 1);
    light = [red, green, blue].map((value) => value * system);
  }
  const most = Math.max(...light);
  const gain = most === 0 ? 0 : eetf(most, peak) / most / 203;
  const [red = 0, green = 0, blue = 0] = light.map((value) => value * gain);
  // ITU-R BT.2087.
  const linear = [
    1.6605 * red - 0.5876 * green - 0.0728 * blue,
    -0.1246 * red + 1.1329 * green - 0.0083 * blue,
    -0.0182 * red - 0.1006 * green + 1.1187 * blue,
  ];
  return linear.map((value) => 255 * Math.min(1, Math.max(0, value)) ** (1 / 2.4));
}

async function firstFrame(path: string, steps: readonly Transform[], dtype: "uint8" | "float32"): Promise<number[]> {
  const video = await pool.openVideo(path, { transforms: steps, dtype });
  const frame = await video.getFrameAt(0);
  const pixels = Array.from(frame.data as Iterable<number>);
  await video.close();
  return pixels;
}

describe("tone mapping", () => {
  for (const [transfer, peak] of [
    ["smpte2084", undefined],
    ["smpte2084", 4000],
    ["arib-std-b67", undefined],
    ["arib-std-b67", 2000],
  ] as const) {
    it(`makes of ${transfer}, ${String(peak ?? 1000)} nits, what the standards say`, async () => {
      const path = bright(transfer);
      const signal = await firstFrame(path, [], "float32");
      const options = peak === undefined ? { to: "sdr" as const } : { to: "sdr" as const, peakNits: peak };
      const made = await firstFrame(path, [transforms.toneMap(options)], "uint8");
      const floats = await firstFrame(path, [transforms.toneMap(options)], "float32");
      let worst = 0;
      for (let i = 0; i < signal.length; i += 3) {
        const expected = reference(signal.slice(i, i + 3), transfer, peak ?? 1000);
        expected.forEach((value, channel) => {
          // Where a signal is next to black, its last bit is more than a level of what comes out.
          const isDark = value < 8;
          worst = Math.max(worst, isDark ? 0 : Math.abs(value - made[i + channel]!));
          assert.ok(Math.abs(255 * floats[i + channel]! - made[i + channel]!) <= 0.51);
        });
      }
      assert.ok(worst < 1.5, `differs by ${String(worst)}`);
    });
  }

  it("leaves pictures of standard range as they are, and is off where nobody asks", async () => {
    const path = plain.path();
    const mapped = await firstFrame(path, [transforms.toneMap({ to: "sdr" })], "uint8");
    assert.deepEqual(mapped, await firstFrame(path, [], "uint8"));
  });

  it("is in pictures that leave the workers as files, and in grey", async () => {
    const steps = [transforms.toneMap({ to: "sdr" })];
    const expected = await firstFrame(bright("smpte2084"), steps, "uint8");
    const differenceOf = (pixels: ArrayLike<number>): number =>
      expected.reduce((sum, value, i) => sum + Math.abs(value - pixels[i]!), 0) / expected.length;
    // What is left of chroma at half the resolution is less than half of what the mapping makes.
    const most = differenceOf(await firstFrame(bright("smpte2084"), [], "uint8")) / 2;
    const video = await pool.openVideo(bright("smpte2084"), { transforms: steps });
    for (const format of ["png", "jpeg", "webp"] as const) {
      for await (const { data } of video.getImages({ indices: [0] }, { encode: { format } })) {
        const pixels = await sharp(data).removeAlpha().raw().toBuffer();
        const difference = differenceOf(pixels);
        assert.ok(format === "png" ? difference === 0 : difference < most, `${format}: ${String(difference)}`);
      }
    }
    const grey = await pool.openVideo(bright("smpte2084"), { transforms: steps, pixelFormat: "gray8" });
    const { data } = await grey.getFrameAt(0);
    data.forEach((value, i) => {
      const [red = 0, green = 0, blue = 0] = expected.slice(3 * i, 3 * i + 3);
      assert.ok(Math.abs(value - (0.299 * red + 0.587 * green + 0.114 * blue)) < 1.5);
    });
  });

  it("comes first, and squarePixels behind it: anything else is refused", async () => {
    const [tone, square, mirror] = [
      transforms.toneMap({ to: "sdr" }),
      transforms.squarePixels(),
      transforms.flip("vertical"),
    ];
    for (const wrong of [
      [mirror, tone],
      [square, tone],
      [mirror, square],
      [tone, tone],
    ]) {
      await assert.rejects(pool.openVideo(plain.path(), { transforms: wrong }), { code: "E_ARGUMENT" });
    }
    assert.throws(() => transforms.toneMap({ to: "sdr", peakNits: 100 }), { code: "E_ARGUMENT" });
    assert.throws(() => transforms.toneMap({ to: "hdr" as "sdr" }), { code: "E_ARGUMENT" });
  });
});

describe("square pixels", () => {
  const wide = (aspect: string): string =>
    clip(`aspect-${aspect.replace("/", "-")}.mp4`, [
      ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "2", "-vf", `setsar=${aspect}`],
      ...["-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p"],
    ]);
  const sizeOf = async (path: string, steps: readonly Transform[]): Promise<readonly [number, number]> => {
    const video = await pool.openVideo(path, { transforms: [transforms.squarePixels(), ...steps] });
    const { width, height } = await video.getFrameAt(0);
    for await (const image of video.getImages({ indices: [0] }, { encode: { format: "jpeg" } })) {
      assert.deepEqual([image.width, image.height], [width, height]);
    }
    await video.close();
    return [width, height];
  };

  it("let the side grow that is too short, also of a picture that is turned, before a resize", async () => {
    assert.deepEqual(await sizeOf(plain.path(), []), [96, 64]);
    assert.deepEqual(await sizeOf(wide("4/3"), []), [128, 64]);
    assert.deepEqual(await sizeOf(wide("1/2"), []), [96, 128]);
    assert.deepEqual(await sizeOf(wide("4/3"), [transforms.resize({ width: 64 })]), [64, 32]);
    assert.deepEqual(await sizeOf(wide("4/3"), [transforms.resize([10, 20])]), [20, 10]);
    assert.deepEqual(await sizeOf(wide("4/3"), [transforms.centerCrop([64, 128])]), [128, 64]);
    assert.deepEqual(await sizeOf(rotated(wide("4/3"), 90), []), [64, 128]);
  });
});
