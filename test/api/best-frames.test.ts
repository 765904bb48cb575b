import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { describe, it } from "node:test";
import { bestFrames, scenes, sprites } from "../../src/index.js";
import { clip } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const pool = testPool();

/** Ten frames each: nearly black but sharp, sharp, blurred, blurred along the rows alone, white, sharp, at 25 a second. */
const kinds = ["life=seed=1:ratio=0.3", "testsrc2", "testsrc2", "testsrc2", "color=white", "mandelbrot"];
const filters = [
  "lutyuv=y=16+(val-16)/9:u=128:v=128",
  "null",
  "gblur=sigma=8",
  "gblur=sigma=12:sigmaV=0.01",
  "null",
  "null",
];
const mixed = (): string =>
  clip("best-frames.mp4", [
    ...kinds.flatMap((kind) => {
      const separator = kind.includes("=") ? ":" : "=";
      return ["-f", "lavfi", "-i", `${kind}${separator}size=640x360:rate=25`];
    }),
    ...[
      "-filter_complex",
      `${filters.map((filter, i) => `[${i}:v]trim=end_frame=10,${filter},setsar=1,format=yuv420p[v${i}];`).join("")}${filters.map((_, i) => `[v${i}]`).join("")}concat=n=${filters.length}`,
    ],
    ...["-c:v", "mpeg4", "-q:v", "2", "-g", "10"],
  ]);
const isSharp = (frame: number): boolean => (frame >= 10 && frame < 20) || frame >= 50;

describe("bestFrames", () => {
  it("leaves out what is black, blank or blurred where all frames are wanted, and nothing else", async () => {
    const found = await collect(bestFrames(mixed(), { select: { range: { start: 0 } }, pool }));
    assert.deepEqual(
      found.map(({ index }) => index),
      Array.from({ length: 60 }, (_, i) => i).filter(isSharp),
    );
    for (const { index, wanted, ptsSeconds, detail } of found) {
      assert.equal(wanted, index);
      assert.ok(Math.abs(ptsSeconds - index / 25) < 1e-6);
      assert.ok(detail > 0.3 && detail < 255);
    }
  });

  it("takes a sharp neighbour in the place of what is not, up to halfway to the next and as far as is allowed", async () => {
    const wanted = [0, 25, 47];
    const found = await collect(bestFrames(mixed(), { select: { indices: wanted }, pool }));
    assert.deepEqual(
      found.map((best) => best.wanted),
      wanted,
    );
    const [first = -1, second = -1, third = -1] = found.map(({ index }) => index);
    assert.ok(first >= 10 && first <= 12, String(first));
    assert.ok(second >= 13 && second < 20, String(second));
    assert.ok(third >= 50, String(third));
    // Two frames to each side: nothing there is sharp but behind the last.
    const near = await collect(bestFrames(mixed(), { select: { indices: wanted }, withinSeconds: 0.081, pool }));
    assert.deepEqual(near, []);
    const next = await collect(
      bestFrames(mixed(), { select: { indices: [...wanted, 48] }, withinSeconds: 0.081, pool }),
    );
    assert.deepEqual(
      next.map(({ index, wanted: of }) => [index, of]),
      [[50, 48]],
    );
  });

  it("keeps a wanted frame that is as good as its neighbours, wherever it is named and as often", async () => {
    const found = await collect(bestFrames(mixed(), { select: { indices: [14, 12, 14] }, pool }));
    assert.deepEqual(
      found.map(({ index }) => index),
      [14, 12, 14],
    );
  });

  it("finds one of each range, such as scenes, inside of it, and none where there is none", async () => {
    const ranges = await collect(scenes(mixed(), { pool }));
    const found = await collect(bestFrames(mixed(), { ranges, pool }));
    assert.ok(found.length > 0 && found.length < ranges.length);
    for (const { index, wanted } of found) {
      assert.ok(isSharp(index));
      assert.ok(ranges.some(({ start, stop }) => start <= wanted && wanted < stop && start <= index && index < stop));
    }
    const black = await collect(bestFrames(mixed(), { ranges: [{ start: 0, stop: 10 }], pool }));
    assert.deepEqual(black, []);
  });

  it("reads what can be read once only, as scenes and sprites do", async () => {
    const found = await collect(bestFrames(createReadStream(mixed()), { select: { indices: [25] }, pool }));
    assert.deepEqual(found, await collect(bestFrames(mixed(), { select: { indices: [25] }, pool })));
    assert.equal(found.length, 1);
    const cuts = await collect(scenes(createReadStream(mixed()), { pool }));
    assert.deepEqual(cuts, await collect(scenes(mixed(), { pool })));
    const sheets = await collect(sprites(createReadStream(mixed()), { every: 1, width: 32, pool }));
    assert.deepEqual(sheets, await collect(sprites(mixed(), { every: 1, width: 32, pool })));
  });

  it("refuses what makes no sense", async () => {
    const select = { indices: [0] };
    assert.throws(() => bestFrames(mixed(), { pool }), { code: "E_ARGUMENT" });
    assert.throws(() => bestFrames(mixed(), { select, ranges: [], pool }), { code: "E_ARGUMENT" });
    assert.throws(() => bestFrames(mixed(), { select, withinSeconds: 0, pool }), { code: "E_ARGUMENT" });
    const ofRange = (start: number, stop: number): Promise<unknown> =>
      collect(bestFrames(mixed(), { ranges: [{ start, stop }], pool }));
    await assert.rejects(ofRange(5, 5), { code: "E_ARGUMENT" });
    await rejection(ofRange(0, 61), "E_OUT_OF_RANGE");
    await rejection(collect(bestFrames("missing.mp4", { select, pool })), "E_NOT_FOUND");
  });
});
