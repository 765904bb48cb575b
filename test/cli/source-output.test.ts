import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { imageNaming } from "../../src/cli/images.js";
import { Mover } from "../../src/cli/mover.js";
import { SourceOutput } from "../../src/cli/source-output.js";
import { writeRecord } from "../../src/cli/source-record.js";
import type { ImageFile } from "../../src/index.js";
import { temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const source = "/talk.mp4";
const identity = "1";

function imagesOf(count: number): ImageFile[] {
  return Array.from({ length: count }, (_, index) => ({
    format: "jpeg",
    path: join(folder, `${index}.jpg`),
    bytes: 1,
    width: 64,
    height: 48,
    index,
    ptsSeconds: index / 25,
    durationSeconds: 0.04,
    targetSeconds: undefined,
    status: "ok",
  }));
}

test("each of many images takes as long as each of few, beside as many of other options", () => {
  let outs = 0;
  // Of the processors': others are at work beside.
  const timed = (count: number): number => {
    const out = join(folder, String(outs++));
    const image = { format: "jpeg", transforms: [], quality: 90 } as const;
    const naming = imageNaming(image);
    const taken = imagesOf(count);
    const optionsWith = (quality: number): string => JSON.stringify([{ range: {} }, { ...image, quality }]);
    const images = taken.map((one) => ({ ...one, file: naming.usual(one) }));
    mkdirSync(join(out, "talk"), { recursive: true });
    writeRecord(join(out, "talk"), {
      source,
      made: [{ identity, options: optionsWith(50), images, undecodable: [] }],
      unfinished: [],
    });
    const wanted = { source, identity, options: optionsWith(90), force: false };
    const output = new SourceOutput(out, "talk", wanted, new Mover());
    const begin = process.cpuUsage();
    for (const one of taken) assert.equal(output.take(one, naming), 1);
    const { user, system } = process.cpuUsage(begin);
    assert.equal(output.images[1]?.file, "000001_0.040s_64x48_q90.jpg");
    return (user + system) / 1000;
  };
  timed(4000);
  const few = Math.min(timed(4000), timed(4000), timed(4000));
  const many = Math.min(timed(32_000), timed(32_000), timed(32_000));
  // Eight times as many, and some for the garbage of more; each beside all others would be 64 times as long.
  assert.ok(many < 32 * few, `${many} ms for 32,000, ${few} ms for 4,000`);
});
