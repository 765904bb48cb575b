import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type SpriteSheet, sprites, spriteTrack, transforms } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const pool = testPool();

/** The pixels of one sprite. */
function part(sheet: SpriteSheet, number: number): Uint8Array {
  const { x, y, width, height } = sheet.sprites[number]!;
  const rows = Array.from({ length: height }, (_, line) => {
    const from = ((y + line) * sheet.width + x) * 3;
    return sheet.data.subarray(from, from + width * 3);
  });
  return Buffer.concat(rows);
}

describe("sprites", () => {
  it("are the pictures at each time, placed row by row on as many sheets as they need", async () => {
    const sheets = await collect(sprites(plain.path(), { every: 0.3, tile: [2, 2], width: 48, pool }));
    // Seven pictures: 0, 0.3, ... 1.8 s of 2.
    assert.deepEqual(
      sheets.map(({ width, height, sprites: { length } }) => [width, height, length]),
      [
        [96, 64, 4],
        [96, 64, 3],
      ],
    );
    const video = await pool.openVideo(plain.path(), { transforms: [transforms.resize({ width: 48 })] });
    const expected = await video.getFrames({ every: 0.3 });
    const all = sheets.flatMap((sheet) => sheet.sprites.map((_, i) => part(sheet, i)));
    for (const [i, frame] of [...expected].entries()) assert.deepEqual(Buffer.from(frame.data), all[i]);
    const placed = sheets.flatMap((sheet) => sheet.sprites);
    assert.deepEqual(
      placed.map(({ index }) => index),
      [0, 7, 15, 22, 30, 37, 45],
    );
    assert.deepEqual(placed[6], {
      x: 0,
      y: 32,
      width: 48,
      height: 32,
      startSeconds: 6 * 0.3,
      stopSeconds: 2,
      index: 45,
    });
  });

  it("have a track that says where each lies, and when it is shown", async () => {
    const sheets = await collect(sprites(plain.path(), { every: 1, width: 48, pool }));
    assert.equal(
      spriteTrack(sheets, ["a.jpg"]),
      "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na.jpg#xywh=0,0,48,32\n\n00:00:01.000 --> 00:00:02.000\na.jpg#xywh=48,0,48,32\n",
    );
    const late = { sprites: [{ ...sheets[0]!.sprites[0]!, startSeconds: 36_061.5, stopSeconds: 36_062 }] };
    assert.match(spriteTrack([late], ["b.jpg"]), /\n10:01:01\.500 --> 10:01:02\.000\n/);
  });

  it("refuse what makes no sense", () => {
    for (const wrong of [{}, { every: 0 }, { every: 1, tile: [0, 1] }, { every: 1, width: 0 }]) {
      assert.throws(() => sprites(plain.path(), wrong as never), { code: "E_ARGUMENT" });
    }
  });
});
