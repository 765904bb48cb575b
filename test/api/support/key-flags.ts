import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { cached, ffprobe } from "./ffmpeg.js";

/** Matroska whose every block says that it is a key picture. */
export function allBlocksKey(path: string, name: string): string {
  return cached(name, [path, "all blocks"], (target) => {
    const bytes = readFileSync(path);
    const { packets } = JSON.parse(
      ffprobe(["-select_streams", "v:0", "-show_packets", "-show_entries", "packet=pos", "-of", "json", path]),
    ) as { packets: readonly { pos: string }[] };
    for (const { pos } of packets) {
      // The element's payload: the track's number, two bytes of time, the flags.
      const at = Number(pos);
      assert.equal(bytes[at], 0x81);
      bytes.writeUInt8((bytes[at + 3] ?? 0) | 0x80, at + 3);
    }
    writeFileSync(target, bytes);
  });
}

/** MP4 without a table of sync samples: every sample is one. */
export function allSamplesKey(path: string, name: string): string {
  return cached(name, [path, "no stss"], (target) => {
    const bytes = readFileSync(path);
    const at = bytes.lastIndexOf("stss");
    assert.ok(at > 0);
    bytes.write("free", at, "latin1");
    writeFileSync(target, bytes);
  });
}

/** MP4 whose table of sync samples names every I picture, whether others reach behind it or not. */
export function intraSamplesKey(path: string, name: string): string {
  return cached(name, [path, "stss of I pictures"], (target) => {
    const { frames } = JSON.parse(
      ffprobe([
        "-select_streams",
        "v:0",
        "-show_frames",
        "-show_entries",
        "frame=pict_type,pkt_pos",
        "-of",
        "json",
        path,
      ]),
    ) as { frames: readonly { pict_type: string; pkt_pos: string }[] };
    const samples = frames
      .toSorted((a, b) => Number(a.pkt_pos) - Number(b.pkt_pos))
      .flatMap(({ pict_type: type }, at) => (type === "I" ? [at + 1] : []));
    assert.ok(samples.length > 2);
    writeFileSync(target, withSyncSamples(readFileSync(path), samples));
  });
}

/** The media comes before the tables, whose sizes may change. */
function withSyncSamples(bytes: Buffer, samples: readonly number[]): Buffer {
  const boxes: number[] = [];
  let begin = 0;
  let end = bytes.length;
  for (const wanted of ["moov", "trak", "mdia", "minf", "stbl", "stss"]) {
    while (begin < end && bytes.toString("latin1", begin + 4, begin + 8) !== wanted) begin += bytes.readUInt32BE(begin);
    assert.ok(begin < end, wanted);
    boxes.push(begin);
    end = begin + bytes.readUInt32BE(begin);
    begin += 8;
  }
  const at = boxes.pop() ?? 0;
  const table = Buffer.from([
    0,
    0,
    0,
    0,
    ...Buffer.from("stss"),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ...samples.flatMap(() => [0, 0, 0, 0]),
  ]);
  table.writeUInt32BE(table.length, 0);
  table.writeUInt32BE(samples.length, 12);
  samples.forEach((sample, i) => table.writeUInt32BE(sample, 16 + 4 * i));
  for (const box of boxes) bytes.writeUInt32BE(bytes.readUInt32BE(box) + table.length - (end - at), box);
  return Buffer.concat([bytes.subarray(0, at), table, bytes.subarray(end)]);
}
