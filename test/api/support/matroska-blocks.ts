import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { cached, ffprobe } from "./ffmpeg.js";

/** Frames that lie in one block, which has one time. */
export interface Block {
  /** Milliseconds. */
  readonly time: number;
  readonly isKey: boolean;
  readonly frames: readonly Buffer[];
}

interface Element {
  readonly id: string;
  readonly begin: number;
  readonly contents: number;
  readonly end: number;
}

/** The frames of a Matroska file of FFmpeg's, one in each block, in file order. */
function blocksOf(path: string, bytes: Buffer): Block[] {
  const { packets } = JSON.parse(
    ffprobe([
      "-select_streams",
      "v:0",
      "-show_packets",
      "-show_entries",
      "packet=pos,size,pts,flags",
      "-of",
      "json",
      path,
    ]),
  ) as { packets: readonly { pos: string; size: string; pts?: number; flags: string }[] };
  return packets.map(({ pos, size, pts = 0, flags }) => {
    // The track's number, two bytes of time, the flags.
    const begin = Number(pos) + 4;
    return { time: pts, isKey: flags.startsWith("K"), frames: [bytes.subarray(begin, begin + Number(size))] };
  });
}

/** The same headers over other blocks. `recipe` tells files of one name apart. */
export function withBlocks(
  path: string,
  name: string,
  change: (blocks: readonly Block[]) => readonly Block[],
  options: { readonly cues?: boolean; readonly frameDuration?: boolean } = {},
): string {
  const { cues = true, frameDuration = true } = options;
  return cached(name, [path, change.toString(), JSON.stringify(options)], (target) => {
    const bytes = readFileSync(path);
    const [head, segment] = elements(bytes, 0, bytes.length);
    assert.ok(head !== undefined && segment?.id === "18538067");
    const kept = elements(bytes, segment.contents, segment.end)
      .filter(({ id }) => id === "1549a966" || id === "1654ae6b")
      .map(({ begin, end }) => Buffer.from(bytes.subarray(begin, end)));
    if (!frameDuration) kept.forEach(dropFrameDuration);
    const clusters = clustersOf(change(blocksOf(path, bytes)));
    let at =
      kept.reduce((sum, { length }) => sum + length, 0) +
      (cues ? cuesOf(clusters.map(() => ({ time: 0, at: 0 }))).length : 0);
    const places = clusters.map(({ time, contents }) => {
      const place = { time, at };
      at += contents.length;
      return place;
    });
    const parts = [...kept, ...(cues ? [cuesOf(places)] : []), ...clusters.map(({ contents }) => contents)];
    writeFileSync(target, Buffer.concat([bytes.subarray(head.begin, head.end), element("18538067", ...parts)]));
  });
}

/** One for each key block, since a block's time counts from its cluster's. */
function clustersOf(blocks: readonly Block[]): { time: number; contents: Buffer }[] {
  const groups: Block[][] = [];
  for (const block of blocks) {
    if (block.isKey || groups.length === 0) groups.push([]);
    groups.at(-1)?.push(block);
  }
  return groups.map((group) => {
    const time = Math.min(...group.map((block) => block.time));
    return {
      time,
      contents: element("1f43b675", number("e7", time), ...group.map((block) => simpleBlock(block, time))),
    };
  });
}

function simpleBlock({ time, isKey, frames }: Block, clusterTime: number): Buffer {
  const isLaced = frames.length > 1;
  const head = Buffer.from([0x81, 0, 0, (isKey ? 0x80 : 0) | (isLaced ? 0x02 : 0)]);
  head.writeInt16BE(time - clusterTime, 1);
  // Xiph's lacing: how many but one, and the size of each but the last.
  const sizes = frames
    .slice(0, -1)
    .flatMap(({ length }) => [...Array<number>(Math.floor(length / 255)).fill(255), length % 255]);
  return element("a3", head, Buffer.from(isLaced ? [frames.length - 1, ...sizes] : []), ...frames);
}

function cuesOf(clusters: readonly { time: number; at: number }[]): Buffer {
  const points = clusters.map(({ time, at }) =>
    element("bb", number("b3", time), element("b7", number("f7", 1), number("f1", at))),
  );
  return element("1c53bb6b", ...points);
}

function element(id: string, ...contents: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(contents.reduce((sum, { length }) => sum + length, 0)) | (1n << 56n));
  return Buffer.concat([Buffer.from(id, "hex"), size, ...contents]);
}

function number(id: string, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, bytes);
}

/** In its place stands an element without meaning. */
function dropFrameDuration(bytes: Buffer): void {
  const at = bytes.indexOf(Buffer.from("23e383", "hex"));
  if (at < 0) return;
  const size = (bytes[at + 3] ?? 0) & 0x7f;
  bytes.set([0xec, 0x80 | (size + 2)], at);
}

function elements(bytes: Buffer, from: number, to: number): Element[] {
  const found: Element[] = [];
  for (let at = from; at < to;) {
    const idLength = Math.clz32((bytes[at] ?? 0) << 24) + 1;
    const first = bytes[at + idLength] ?? 0;
    const sizeLength = Math.clz32(first << 24) + 1;
    let size = first & ((1 << (8 - sizeLength)) - 1);
    for (let i = 1; i < sizeLength; i++) size = size * 256 + (bytes[at + idLength + i] ?? 0);
    const contents = at + idLength + sizeLength;
    const end = Math.min(to, contents + size);
    found.push({ id: bytes.toString("hex", at, at + idLength), begin: at, contents, end });
    at = end;
  }
  return found;
}
