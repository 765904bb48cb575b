import { boolean, checkSignal } from "../arguments.js";
import { FramepoolError, withCaller } from "../errors.js";
import { type FrameIndex, at, noTime } from "../protocol/frame-index.js";
import type { PacketRows } from "../protocol/video.js";
import type { Ratio } from "../protocol/stream-info.js";
import { type FrameRange, type FrameSelection, checkRangeOrSelection, isWhole } from "./frame-selection.js";
import type { VideoHost } from "./host.js";
import type { Timeline } from "./timeline.js";

/**
 * What the index knows of a packet. Times are those of the container, in ticks of `metadata.timeBase` and in seconds on the file's
 * clock; null where it does not say. What has no decoding times of its own (Matroska) is given those that its presentation times allow.
 */
export interface PacketMetadata {
  /** Its number in decoding order, which is the order of `ffprobe -show_packets`. */
  readonly index: number;
  /** The frame that is decoded from it; null where it shows none by itself, as of pictures that others only refer to. */
  readonly frameIndex: number | null;
  /** Bytes. */
  readonly size: number;
  /** Decoding can begin here. */
  readonly key: boolean;
  /** When it is shown, in ticks. */
  readonly pts: bigint | null;
  /** When it is decoded, in ticks. */
  readonly dts: bigint | null;
  /** When it is shown, in seconds. */
  readonly ptsSeconds: number | null;
  /** When it is decoded, in seconds. */
  readonly dtsSeconds: number | null;
}

/**
 * What a container holds of a picture (or of a part of one), as it is there: nothing was decoded. Its memory is its own: there is
 * nothing to release.
 */
export interface EncodedPacket extends PacketMetadata {
  /** Its bytes, as they are in the container. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** In ticks of `metadata.timeBase`. Its frame's where the container does not say; 0 without one. */
  readonly duration: bigint;
  /** `duration` in seconds. */
  readonly durationSeconds: number;
}

/** The frames whose packets are wanted, by default every packet. */
export type PacketsOptions = (FrameRange | FrameSelection) & {
  /** Only packets at which decoding can begin. Default false. */
  readonly keyFramesOnly?: boolean | undefined;
  /** Without their bytes and durations: nothing is read. Default false. */
  readonly metadataOnly?: boolean | undefined;
  /** The loop rejects with its reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
};

/** The packets that decoding frames takes, ascending; without `frames` all. Throws E_METADATA without an index of packets. */
function wantedPackets(
  { index, label }: VideoHost,
  frames: Int32Array | undefined,
  keyFramesOnly: boolean,
): Int32Array {
  if (index === undefined || index.framesOnly) {
    const reason = 'which packets there are is not known: open it with seekMode "exact" and without frame mappings';
    throw new FramepoolError("E_METADATA", reason, { source: label });
  }
  const packets = index.packetSize.length;
  // How many frames begin to need what lies from there on, less those that do not any more.
  const changes = new Int32Array(packets + 1);
  for (const frame of frames ?? []) {
    add(changes, at(index.start, frame), 1);
    add(changes, at(index.lastPacket, frame) + 1, -1);
  }
  if (frames === undefined) changes[0] = 1;
  const wanted = new Int32Array(packets);
  let count = 0;
  let needed = 0;
  for (let packet = 0; packet < packets; packet++) {
    needed += at(changes, packet);
    if (needed > 0 && (!keyFramesOnly || index.packetKey[packet] === 1)) wanted[count++] = packet;
  }
  return wanted.slice(0, count);
}

function add(counts: Int32Array, i: number, by: number): void {
  counts[i] = at(counts, i) + by;
}

/** @internal See VideoDecoder.packets. `checkOpen` throws once the decoder is closed. */
export function packetsOf(
  video: VideoHost,
  timeline: Timeline,
  options: PacketsOptions,
  checkOpen: () => void,
): AsyncGenerator<PacketMetadata, void, undefined> {
  const selection = checkRangeOrSelection("options", options, ["keyFramesOnly", "metadataOnly", "signal"]);
  const keyFramesOnly = boolean("options.keyFramesOnly", options.keyFramesOnly ?? false);
  const metadataOnly = boolean("options.metadataOnly", options.metadataOnly ?? false);
  checkSignal(options.signal);
  const frames = isWhole(selection) ? undefined : timeline.select(selection).indices;
  const wanted = wantedPackets(video, frames, keyFramesOnly);
  return (metadataOnly ? knownPackets : readPackets)(video, wanted, options.signal, checkOpen);
}

async function* knownPackets(
  { index, metadata }: VideoHost,
  wanted: Int32Array,
  signal: AbortSignal | undefined,
  checkOpen: () => void,
): AsyncGenerator<PacketMetadata, void, undefined> {
  if (index === undefined) return;
  const dts = decodingTimes(index);
  for (const packet of wanted) {
    checkOpen();
    signal?.throwIfAborted();
    yield packetMetadata(packet, index, dts, metadata.timeBase);
  }
}

async function* readPackets(
  video: VideoHost,
  wanted: Int32Array,
  signal: AbortSignal | undefined,
  checkOpen: () => void,
): AsyncGenerator<EncodedPacket, void, undefined> {
  checkOpen();
  signal?.throwIfAborted();
  const { index, metadata } = video;
  if (index === undefined) return;
  const dts = decodingTimes(index);
  try {
    for await (const rows of video.packets(wanted, signal)) yield* encodedPackets(rows, index, dts, metadata.timeBase);
  } catch (error) {
    throw withCaller(error);
  }
}

/** FFmpeg's decoders reorder no further. */
const mostReordered = 16;

/**
 * Containers that say when pictures are decoded say it in ascending times. For the others (Matroska) it is told by when they
 * are shown: as late as is early enough for each.
 */
function decodingTimes({ packetPts: pts, packetDts: dts }: FrameIndex): BigInt64Array {
  const isTold = dts.every((time, i) => time !== noTime && (i === 0 || time > (dts[i - 1] ?? time)));
  if (isTold || pts.includes(noTime)) return dts;
  const sorted = pts.slice().sort();
  const shown = (i: number): bigint => sorted[i] ?? 0n;
  const depth = pts.reduce((most, time, i) => Math.max(most, i - firstAtOrAfter(sorted, time)), 0);
  // Recordings that were joined count anew from some packet on.
  if (depth > mostReordered) return dts;
  const step = shown(1) - shown(0);
  return sorted.map((_, i) => (i < depth ? shown(0) - BigInt(depth - i) * step : shown(i - depth)));
}

function firstAtOrAfter(sorted: BigInt64Array, time: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? time) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function packetMetadata(
  packet: number,
  index: FrameIndex,
  decoding: BigInt64Array,
  { num, den }: Ratio,
): PacketMetadata {
  const timeOf = (time: bigint | undefined): bigint | null => (time === undefined || time === noTime ? null : time);
  const seconds = (ticks: bigint | null): number | null => (ticks === null ? null : (Number(ticks) * num) / den);
  const [pts, dts] = [timeOf(index.packetPts[packet]), timeOf(decoding[packet])];
  const frame = at(index.packetFrame, packet);
  return {
    index: packet,
    frameIndex: frame < 0 ? null : frame,
    size: at(index.packetSize, packet),
    key: index.packetKey[packet] === 1,
    pts,
    dts,
    ptsSeconds: seconds(pts),
    dtsSeconds: seconds(dts),
  };
}

function* encodedPackets(
  { packets, data, durations }: PacketRows,
  index: FrameIndex,
  decoding: BigInt64Array,
  timeBase: Ratio,
): Generator<EncodedPacket, void, undefined> {
  for (const [row, bytes] of data.entries()) {
    const known = packetMetadata(at(packets, row), index, decoding, timeBase);
    const { frameIndex } = known;
    const duration = durations[row] || (frameIndex === null ? 0n : index.ticksOf(frameIndex).duration);
    const durationSeconds = (Number(duration) * timeBase.num) / timeBase.den;
    yield { ...known, data: bytes, size: bytes.length, duration, durationSeconds };
  }
}
