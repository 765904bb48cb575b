import { type FrameIndex, at } from "../../protocol/frame-index.js";
import type { ByteRange } from "../../protocol/bytes.js";

/** Ranges closer than this are fetched as one: what lies between costs less than another request. */
const mergeBytes = 256 * 1024;

type Packets = Pick<FrameIndex, "start" | "lastPacket" | "packetPosition" | "packetSize">;

/**
 * The bytes of the packets that frames are decoded from, ascending and disjoint; at most so many bytes, since a job can
 * ask for the rest while it runs. `targets` ascend. Packets before `from` are with the worker already.
 */
export function jobRanges(index: Packets, targets: Int32Array, from: number, mostBytes: number): ByteRange[] {
  return packetRanges(index, packetsOf(index, targets, from), mostBytes);
}

function* packetsOf(index: Packets, targets: Int32Array, from: number): Generator<number, void, undefined> {
  let next = from;
  for (const target of targets) {
    const last = at(index.lastPacket, target);
    for (let packet = Math.max(next, at(index.start, target)); packet <= last; packet++) yield packet;
    next = Math.max(next, last + 1);
  }
}

/** The same of packets by number. */
export function packetRanges(
  index: Pick<FrameIndex, "packetPosition" | "packetSize">,
  packets: Iterable<number>,
  mostBytes: number,
): ByteRange[] {
  const spans: { begin: number; end: number }[] = [];
  for (const packet of packets) {
    const begin = Number(index.packetPosition[packet] ?? -1n);
    if (begin >= 0) spans.push({ begin, end: begin + at(index.packetSize, packet) });
  }
  spans.sort((a, b) => a.begin - b.begin);
  const ranges: ByteRange[] = [];
  let left = mostBytes;
  let open: { begin: number; end: number } | undefined;
  const close = (): void => {
    if (open === undefined || left <= 0) return;
    const length = Math.min(left, open.end - open.begin);
    left -= length;
    if (length > 0) ranges.push({ position: open.begin, length });
  };
  for (const span of spans) {
    if (open !== undefined && span.begin - open.end <= mergeBytes) {
      open.end = Math.max(open.end, span.end);
    } else {
      close();
      open = { ...span };
    }
  }
  close();
  return ranges;
}

/** Behind the packets that decoding `frames` takes, and not before `sent`. */
export function packetAfter({ lastPacket }: Pick<FrameIndex, "lastPacket">, frames: Int32Array, sent: number): number {
  return frames.reduce((after, frame) => Math.max(after, at(lastPacket, frame) + 1), sent);
}
