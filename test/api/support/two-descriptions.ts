import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type NalCodec, isParameterSet, muxed, unitsOf } from "./annexb.js";
import { cached, clip } from "./ffmpeg.js";
import { table, withContents } from "./mp4.js";

/** The contents of the file's first box of a type. */
function contentsOf(bytes: Buffer, wanted: string): Buffer {
  let found: Buffer | undefined;
  withContents(bytes, (type, contents) => {
    if (type === wanted) found ??= contents;
    return undefined;
  });
  assert.ok(found, `a box ${wanted}`);
  return found;
}

/** Two raw streams in one track: two chunks, each with a sample description of its own, and no parameter set in any sample. */
export function twoDescriptions(name: string, [first, second]: readonly [string, string], codec: NalCodec): string {
  const without = (path: string): Buffer[] =>
    unitsOf(readFileSync(path)).filter((unit) => !isParameterSet(unit, codec));
  const alone = (path: string, at: number): string =>
    clip(`${String(at)}-${name}`, ["-r", "25", "-i", path, "-c", "copy"]);
  const joined = muxed(`joined-${name}`, ["second without sets", first, second], codec, () => [
    ...unitsOf(readFileSync(first)),
    ...without(second),
  ]);
  return withSecond(name, joined, [alone(first, 0), alone(second, 1)]);
}

/** The same of two MP4 files, whose samples have no headers of their own. */
export function joinedDescriptions(name: string, [first, second]: readonly [string, string]): string {
  const list = cached("list.txt", [first, second], (target) => {
    writeFileSync(target, [first, second].map((path) => `file '${path}'\n`).join(""));
  });
  const joined = clip(`joined-${name}`, ["-f", "concat", "-safe", "0", "-i", list, "-c", "copy"]);
  return withSecond(name, joined, [first, second]);
}

/** A file of one chunk, cut in two: the second's description is that of the second of its parts. */
function withSecond(name: string, joined: string, [first, second]: readonly [string, string]): string {
  return cached(name, [joined, first, second], (target) => {
    const samples = contentsOf(readFileSync(first), "stsz").readUInt32BE(8);
    const other = readFileSync(second);
    const changed = withContents(readFileSync(joined), (type, contents) => {
      if (type === "stsd")
        return Buffer.concat([table(2), contents.subarray(8), contentsOf(other, "stsd").subarray(8)]);
      if (type === "stsc") {
        const all = contentsOf(readFileSync(joined), "stsz").readUInt32BE(8);
        return table(2, ...[1, samples, 1], ...[2, all - samples, 2]);
      }
      if (type !== "stco") return undefined;
      assert.equal(contents.readUInt32BE(4), 1, "one chunk");
      const sizes = contentsOf(readFileSync(joined), "stsz").subarray(12);
      let begin = contents.readUInt32BE(8);
      const chunks = [begin];
      for (let i = 0; i < samples; i++) begin += sizes.readUInt32BE(4 * i);
      return table(2, ...chunks, begin);
    });
    writeFileSync(target, changed);
  });
}
