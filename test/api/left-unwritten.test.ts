// What decoders of pictures that stand for themselves silently leave out is not what was in memory before.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { VideoDecoder } from "../../src/index.js";
import {
  packets,
  withBitErrors,
  withDeadPackets,
  withCommentsFor,
  withErrorsAtEnd,
  withOtherCodes,
} from "./support/damage.js";
import { cached, canEncode, clip } from "./support/ffmpeg.js";
import { pattern } from "./support/hard-clip.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

/** The marker of JPEG's segments of them. */
const huffmanTables = 0xc4;

const pool = testPool({ workers: 1 });
const open = (path: string): Promise<VideoDecoder> => pool.openVideo(path, { pixelFormat: "native" });

async function outcome(video: VideoDecoder, index: number): Promise<string> {
  try {
    const frame = await video.getFrameAt(index);
    return `${frame.status} ${digest(frame)}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Each frame, which is the same alone and behind any other. */
async function sameInAnyOrder(path: string): Promise<string[]> {
  const alone: string[] = [];
  const { length } = await open(path);
  for (const index of range(0, length)) {
    const video = await open(path);
    alone.push(await outcome(video, index));
    await video.close();
  }
  for (const order of [range(0, length), range(0, length).reverse(), shuffled(range(0, length))]) {
    const video = await open(path);
    for (const index of order) assert.equal(await outcome(video, index), alone[index], `frame ${String(index)}`);
    await video.close();
  }
  return alone;
}

/** Of the last picture of an APNG no more than the first half. */
function withHalfAPicture(from: string): string {
  return cached("half.apng", [from], (path) => {
    const bytes = readFileSync(from);
    const around = 12;
    const chunks: Buffer[] = [];
    for (let at = 8; at < bytes.length;) {
      const size = around + bytes.readUInt32BE(at);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    const last = chunks.findLastIndex((chunk) => chunk.toString("latin1", 4, 8) === "fdAT");
    const data = chunks[last]!;
    const half = (data.length - around) >> 1;
    const shorter = Buffer.concat([data.subarray(0, 8 + half), Buffer.alloc(4)]);
    shorter.writeUInt32BE(half);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), ...chunks.with(last, shorter)]));
  });
}

/** Without what is behind the first `bytes` of the last packet. */
function withShortEnd(from: string, bytes: number): string {
  const end = packets(from).at(-1);
  assert.ok(end !== undefined && end.size > bytes);
  return cached("short-end.avi", [from, String(bytes)], (path) => {
    // An AVI's packets begin behind their name and their size.
    writeFileSync(path, readFileSync(from).subarray(0, end.position + 8 + bytes));
  });
}

/** And those of these numbers are all that are not ok. */
async function onlyDamaged(path: string, broken: readonly number[]): Promise<void> {
  const alone = await sameInAnyOrder(path);
  assert.deepEqual(
    range(0, alone.length).filter((index) => !alone[index]?.startsWith("ok ")),
    broken,
  );
  assert.ok(alone.some((what) => what.startsWith("damaged ")));
}

describe("pictures whose bytes end early: the same in any order", () => {
  it("JPEG-LS: damaged where rows are missing", { skip: !canEncode("jpegls") }, async () => {
    const path = clip("jpegls.mov", [...pattern(12, "96x64"), "-pix_fmt", "rgb24", "-c:v", "jpegls"]);
    const broken = [2, 3, 7];
    await onlyDamaged(withBitErrors(path, broken), broken);
  });

  it("lossless JPEG: damaged where rows are missing", async () => {
    const broken = [2, 3, 7];
    for (const format of ["bgra", "yuv420p"]) {
      const how = ["-pix_fmt", format, "-strict", "-1", "-c:v", "ljpeg"];
      await onlyDamaged(withErrorsAtEnd(clip("ljpeg.mov", [...pattern(12, "96x64"), ...how]), broken), broken);
    }
  });

  it("HuffYUV, cut within a word", async () => {
    const path = clip("huffyuv.avi", [...pattern(12, "96x64"), "-pix_fmt", "rgb24", "-c:v", "huffyuv"]);
    for (const bytes of [2001, 5003, 6002]) await sameInAnyOrder(withShortEnd(path, bytes));
  });

  it("APNG: damaged where rows are missing", async () => {
    const path = clip("moving.apng", [...pattern(12, "96x64"), "-pred", "none"]);
    await onlyDamaged(withHalfAPicture(path), [11]);
  });

  it("raw pictures with a palette, or black and white: none, as of other formats", async () => {
    for (const format of ["pal8", "monow"]) {
      const path = clip("raw.avi", [...pattern(12, "96x64"), "-pix_fmt", format, "-c:v", "rawvideo"]);
      const alone = await sameInAnyOrder(withShortEnd(path, 500));
      assert.deepEqual(
        alone.map((what) => what.split(" ", 1)[0]),
        range(0, 12).map((index) => (index < 11 ? "ok" : "E_DECODE")),
      );
    }
  });
});

describe("pictures of which newer decoders silently leave out slices: the same in any order", () => {
  for (const { encoder, args, breaks } of [
    { encoder: "speedhq", args: [], breaks: withBitErrors },
    // Behind the header and some of the first slice.
    {
      encoder: "utvideo",
      args: ["-slices", "4"],
      breaks: (path: string, of: number[]) => withDeadPackets(path, of, 400),
    },
    // Behind a block's number, time and flags.
    { encoder: "h261", args: ["-g", "12"], breaks: (path: string, of: number[]) => withDeadPackets(path, of, 4) },
  ]) {
    it(encoder, { skip: !canEncode(encoder) }, async () => {
      const coded = ["-pix_fmt", "yuv420p", "-c:v", encoder, ...args];
      const path = clip(`${encoder}.mkv`, [...pattern(24, "352x288"), ...coded]);
      for (const broken of [range(2, 24, 3), range(1, 24, 4)]) await sameInAnyOrder(breaks(path, broken));
    });
  }
});

describe("pictures of which nothing is left but a packet", () => {
  it("Theora: the same from a decoder that saw others", { skip: !canEncode("libtheora") }, async () => {
    const args = ["-pix_fmt", "yuv420p", "-c:v", "libtheora", "-q:v", "4", "-g", "12"];
    // Behind a block's number, time and flags.
    const path = withDeadPackets(clip("theora.mkv", [...pattern(36, "176x144"), ...args]), [11], 4);
    const video = await open(path);
    const first = await outcome(video, 11);
    for (const index of [12, 23, 24]) {
      await outcome(video, index);
      assert.equal(await outcome(video, 11), first, `behind frame ${String(index)}`);
    }
    await video.close();
  });
});

const broken = [2, 3, 7];

describe("Motion JPEG with a part that was lost: damaged, and the same in any order", () => {
  const path = clip("mjpeg.mov", [...pattern(12, "96x64"), "-pix_fmt", "yuvj420p", "-c:v", "mjpeg"]);
  for (const [what, marker] of [
    ["the only scan", 0xda],
    ["the quantisers", 0xdb],
  ] as const) {
    it(what, () => onlyDamaged(withCommentsFor(path, marker, broken), broken));
  }
});

describe("Motion JPEG without its Huffman tables: no other picture's", () => {
  // So coarse that its tables can be changed without an error.
  const coarse = ["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "31"];
  const standard = clip("tables.mov", ["-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "12", ...coarse]);

  it("those of the standard, where the first picture has none: as with them", async () => {
    const mixed = withOtherCodes(standard, range(6, 12));
    const all = await sameInAnyOrder(mixed);
    assert.ok(all.every((what) => what.startsWith("ok ")));
    assert.deepEqual(await sameInAnyOrder(withCommentsFor(mixed, huffmanTables, range(0, 6))), all);
  });

  it("damaged, where the first picture has its own", async () => {
    const own = withOtherCodes(standard, range(0, 12));
    await onlyDamaged(withCommentsFor(own, huffmanTables, broken), broken);
  });
});
