import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { cached } from "./ffmpeg.js";

/** Fixed-point display matrices, by degrees counter-clockwise. */
const matrices: Readonly<Record<number, readonly number[]>> = {
  90: [0, -65536, 0, 65536, 0, 0, 0, 0, 2 ** 30],
  180: [-65536, 0, 0, 0, -65536, 0, 0, 0, 2 ** 30],
  270: [0, 65536, 0, -65536, 0, 0, 0, 0, 2 ** 30],
};

/** The same MP4 with a display matrix in its track header, as phones write it. */
export function rotated(path: string, degrees: 90 | 180 | 270): string {
  return cached(`rotated-${degrees}.mp4`, [path, String(degrees)], (target) => {
    const bytes = readFileSync(path);
    // ISO/IEC 14496-12, 8.3.2: in version 0 the matrix follows 40 bytes of other fields.
    const box = bytes.indexOf("tkhd");
    assert.ok(box > 0 && bytes[box + 4] === 0);
    matrices[degrees]?.forEach((value, i) => bytes.writeInt32BE(value, box + 4 + 40 + 4 * i));
    writeFileSync(target, bytes);
  });
}
