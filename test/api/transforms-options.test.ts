import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FramepoolTypeError, type Transform, type VideoDecoderOptions, transforms } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";

const { centerCrop, flip, normalize, pad, randomCrop, resize } = transforms;
const pool = testPool();

describe("transforms refuse what makes no sense", () => {
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no size", () => resize(0), /for size, received 0/],
    ["half a pixel", () => resize([10.5, 10]), /for size\[0\], received 10\.5/],
    ["three sides", () => resize([1, 2, 3] as unknown as readonly [number, number]), /\[height, width\]/],
    ["nothing to resize to", () => resize({} as { longest: number }), /one of longest, shortest, width, height/],
    ["two sides of an object", () => resize({ width: 2, height: 3 }), /width and height/],
    ["an unknown side", () => resize({ depth: 2 } as unknown as { width: number }), /size\.depth/],
    ["an unknown option", () => resize(2, { quick: true } as { fast?: boolean }), /options\.quick/],
    ["a negative crop", () => centerCrop(-1), /for size/],
    ["a seed with a fraction", () => randomCrop(2, { seed: 0.5 }), /options\.seed/],
    ["a diagonal", () => flip("diagonal" as "vertical"), /"horizontal" or "vertical"/],
    ["no border", () => pad(null as unknown as number), /padding/],
    ["a negative border", () => pad({ left: -1 }), /padding\.left/],
    ["a colour beyond bytes", () => pad(1, { fill: 256 }), /options\.fill/],
    ["two colours", () => pad(1, { fill: [1, 2] }), /red, green, blue/],
    ["no deviation", () => normalize({ mean: 0, std: 0 }), /options\.std/],
    ["two means", () => normalize({ mean: [0, 1], std: 1 }), /options\.mean/],
  ];
  for (const [name, call, message] of wrong) {
    it(name, () => {
      assert.throws(call, (error) => error instanceof FramepoolTypeError && message.test(error.message));
    });
  }
});

describe("options refuse what cannot be done", () => {
  const wrong: readonly (readonly [string, VideoDecoderOptions, RegExp])[] = [
    ["no list", { transforms: resize(2) as unknown as Transform[] }, /array of transforms for options\.transforms/],
    ["something else", { transforms: [{ type: "blur" } as unknown as Transform] }, /options\.transforms\[0\]/],
    ["a resize made by hand", { transforms: [{ type: "resize", width: 2 } as unknown as Transform] }, /\[0\]\.target/],
    ["native planes", { pixelFormat: "native", transforms: [flip("vertical")] }, /native planes/],
    ["bytes that are normalised", { transforms: [normalize({ mean: 0, std: 1 })] }, /options\.dtype/],
    [
      "something after normalize",
      { dtype: "float32", transforms: [normalize({ mean: 0, std: 1 }), flip("vertical")] },
      /nothing after normalize for options\.transforms\[1\]/,
    ],
    ["native halves", { pixelFormat: "native", dtype: "float16" }, /options\.dtype/],
  ];
  for (const [name, options, message] of wrong) {
    it(name, async () => {
      await assert.rejects(
        pool.openVideo(plain.path(), options),
        (error) => error instanceof FramepoolTypeError && message.test(error.message),
      );
      assert.throws(() => pool.extract([], options), FramepoolTypeError);
    });
  }
});

describe("randomCrop", () => {
  const crop = async (seed?: number): Promise<string> => {
    const chosen = randomCrop([16, 24], seed === undefined ? {} : { seed });
    const video = await pool.openVideo(plain.path(), { transforms: [chosen] });
    const [a, b] = await Promise.all([video.getFrameAt(0), video.getFrameAt(0)]);
    assert.equal(digest(a), digest(b), "drawn once for a decoder");
    return digest(a);
  };

  it("is the same for the same seed", async () => {
    assert.equal(await crop(5), await crop(5));
    assert.ok(new Set(await Promise.all([1, 2, 3, 4].map(crop))).size > 1);
  });

  it("is another for every decoder without one", async () => {
    assert.ok(new Set(await Promise.all(Array.from({ length: 8 }, () => crop()))).size > 1);
  });

  it("reaches every place", async () => {
    const whole = await (await pool.openVideo(plain.path())).getFrameAt(0);
    const corners = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const video = await pool.openVideo(plain.path(), { transforms: [randomCrop([63, 95], { seed })] });
      const { data } = await video.getFrameAt(0);
      const at = [0, 1].flatMap((y) => [0, 1].map((x) => [y, x] as const));
      const found = at.filter(([y, x]) =>
        data.every((value, i) => {
          const pixel = Math.floor(i / 3);
          return value === whole.data[((Math.floor(pixel / 95) + y) * 96 + (pixel % 95) + x) * 3 + (i % 3)];
        }),
      );
      assert.ok(found.length > 0, "it is a part of the picture");
      corners.add(String(found[0]));
    }
    assert.equal(corners.size, 4);
  });

  it("in extract each request has its own, the same in every run", async () => {
    const run = async (): Promise<string[]> => {
      const requests = Array.from({ length: 6 }, () => ({ source: plain.path(), indices: [0] }));
      const found: string[] = [];
      for await (const { key, batch } of pool.extract(requests, { transforms: [randomCrop(16, { seed: 3 })] })) {
        found[key] = batch === undefined ? "" : digest(batch);
      }
      return found;
    };
    const [one, two] = [await run(), await run()];
    assert.deepEqual(one, two);
    assert.ok(new Set(one).size > 1);
  });
});
