import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { cached, ffprobe } from "./ffmpeg.js";

interface Packet {
  readonly position: number;
  readonly size: number;
  readonly key: boolean;
}

/** Where the video's packets lie in the file, in file order. Exact for MP4 and MOV. */
export function packets(path: string): Packet[] {
  const { packets: all } = JSON.parse(ffprobe(["-select_streams", "v", "-show_packets", "-of", "json", path])) as {
    packets: readonly { readonly pos: string; readonly size: string; readonly flags: string }[];
  };
  return all.map(({ pos, size, flags }) => ({
    position: Number(pos),
    size: Number(size),
    key: flags.startsWith("K"),
  }));
}

/** A copy of a file whose packets of these numbers are overwritten with zeros, but for the first `spared` bytes. */
export function withDeadPackets(path: string, numbers: readonly number[], spared = 0): string {
  return damaged(spared === 0 ? "dead" : `dead-${String(spared)}`, path, numbers, (bytes) => bytes.fill(0, spared));
}

/** A copy of a file in whose packets of these numbers every 16th byte behind the first 32 is inverted, but for the last `spared`. */
export function withBitErrors(path: string, numbers: readonly number[], spared = 0): string {
  return damaged(spared === 0 ? "errors" : `errors-${String(spared)}`, path, numbers, (bytes) => {
    for (let i = 32; i < bytes.length - spared; i += 16) bytes[i] = ~(bytes[i] ?? 0);
  });
}

/** The same in the second half of each, whose headers stay. */
export function withErrorsAtEnd(path: string, numbers: readonly number[]): string {
  return damaged("errors-at-end", path, numbers, (bytes) => {
    for (let i = bytes.length >> 1; i < bytes.length; i += 16) bytes[i] = ~(bytes[i] ?? 0);
  });
}

/** A copy of a file of JPEG pictures in which those of these numbers have comments in place of the segments of `marker`, say 0xda. */
export function withCommentsFor(path: string, marker: number, numbers: readonly number[]): string {
  return damaged(`comments-${marker.toString(16)}`, path, numbers, (bytes) => {
    for (let at = bytes.indexOf(Buffer.of(0xff, marker)); at >= 0; at = bytes.indexOf(Buffer.of(0xff, marker), at)) {
      bytes[at + 1] = 0xfe;
    }
  });
}

/**
 * A copy in which codes of JPEG's Huffman tables mean others: where one zero came before a one, two do, and the other way
 * round. Each picture is another one then, and can be decoded without an error.
 */
export function withOtherCodes(path: string, numbers: readonly number[]): string {
  const marker = Buffer.of(0xff, 0xc4);
  const [one, two] = [0x11, 0x21];
  return damaged("codes", path, numbers, (bytes) => {
    for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + 2)) {
      const segment = bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2));
      for (let table = 0; table < segment.length;) {
        const symbols = table + 17;
        table = symbols + segment.subarray(table + 1, symbols).reduce((sum, count) => sum + count, 0);
        for (let i = symbols; i < table; i++) {
          if (segment[i] === one) segment[i] = two;
          else if (segment[i] === two) segment[i] = one;
        }
      }
    }
  });
}

/** A copy of an HEVC file in MP4 whose clean random access points say that what leads them is not there. */
export function withBrokenLinks(path: string): string {
  const all = packets(path).flatMap(({ key }, number) => (key && number > 0 ? [number] : []));
  return damaged("links", path, all, (bytes) => {
    const [clean, broken] = [21, 16];
    // Behind the length of the first unit.
    assert.equal((bytes[4]! >> 1) & 63, clean);
    bytes[4] = (bytes[4]! & 0x81) | (broken << 1);
  });
}

function damaged(how: string, path: string, numbers: readonly number[], damage: (packet: Buffer) => void): string {
  const extension = path.slice(path.lastIndexOf("."));
  return cached(`${how}-${numbers.join("-").slice(0, 40)}${extension}`, [path, how, numbers.join()], (target) => {
    const bytes = readFileSync(path);
    const all = packets(path);
    for (const number of numbers) {
      const packet = all[number];
      assert.ok(packet !== undefined && packet.size > 0);
      damage(bytes.subarray(packet.position, packet.position + packet.size));
    }
    writeFileSync(target, bytes);
  });
}
