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

type Contents = (type: string, contents: Buffer) => Buffer | undefined;

const parents = new Set(["moov", "trak", "mdia", "minf", "stbl", "edts", "moof", "traf"]);

/** The file with other contents of some of its boxes, whatever depth. Where media lies behind them, their sizes must stay. */
export function withContents(bytes: Buffer, change: Contents): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    assert.ok(size >= 8, "boxes of a 32-bit size only");
    const type = bytes.toString("latin1", at + 4, at + 8);
    const old = bytes.subarray(at + 8, at + size);
    const contents = change(type, old) ?? (parents.has(type) ? withContents(old, change) : old);
    const head = Buffer.from(bytes.subarray(at, at + 8));
    head.writeUInt32BE(contents.length + 8);
    parts.push(head, contents);
    at += size;
  }
  return Buffer.concat(parts);
}

/** The contents of a table: version and flags 0, and 32-bit numbers, which wrap. */
export function table(...numbers: readonly number[]): Buffer {
  const contents = Buffer.alloc(4 + 4 * numbers.length);
  numbers.forEach((number, i) => contents.writeUInt32BE(number >>> 0, 4 + 4 * i));
  return contents;
}
