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

const blocksInCluster = 10;

/** A file of one track; blocks as they are given, whatever their times and flags. */
export function matroska(
  codec: string,
  header: Buffer,
  [width, height]: readonly [number, number],
  blocks: readonly Block[],
): Buffer {
  const clusters: Buffer[] = [];
  for (let at = 0; at < blocks.length; at += blocksInCluster) {
    clusters.push(clusterOf(blocks.slice(at, at + blocksInCluster)).contents);
  }
  const track = element(
    "ae",
    ...[number("d7", 1), number("73c5", 1), number("83", 1), element("86", Buffer.from(codec))],
    element("63a2", header),
    number("23e383", 40_000_000),
    element("e0", number("b0", width), number("ba", height)),
  );
  const information = element("1549a966", number("2ad7b1", 1_000_000));
  return Buffer.concat([
    element("1a45dfa3", element("4282", Buffer.from("matroska")), number("4287", 4), number("4285", 2)),
    element("18538067", information, element("1654ae6b", track), ...clusters),
  ]);
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

/** A block's time counts from its cluster's. */
function clusterOf(blocks: readonly Block[]): { time: number; contents: Buffer } {
  const time = Math.max(0, Math.min(...blocks.map((block) => block.time)));
  const simple = blocks.map((block) => simpleBlock(block, time));
  return { time, contents: element("1f43b675", number("e7", time), ...simple) };
}

/** One cluster for each key block. */
function clustersOf(blocks: readonly Block[]): { time: number; contents: Buffer }[] {
  const groups: Block[][] = [];
  for (const block of blocks) {
    if (block.isKey || groups.length === 0) groups.push([]);
    groups.at(-1)?.push(block);
  }
  return groups.map(clusterOf);
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

/** An element's length in as few bytes as it takes: the first one's leading zeros tell how many follow. */
function lengthOf(value: number): Buffer {
  let bytes = 1;
  while (value >= 2 ** (7 * bytes) - 1) bytes++;
  const all = Buffer.alloc(8);
  all.writeBigUInt64BE(BigInt(value) | (1n << BigInt(7 * bytes)));
  return all.subarray(8 - bytes);
}

function element(id: string, ...contents: readonly Buffer[]): Buffer {
  const all = Buffer.concat(contents);
  return Buffer.concat([Buffer.from(id, "hex"), lengthOf(all.length), all]);
}

/** As long whatever it is. */
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
