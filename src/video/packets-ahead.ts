import { LinkedAbort } from "../async/abort.js";
import { runFetched } from "../feed/fetched-job.js";
import type { Ahead } from "../pool/ahead-bytes.js";
import { type FrameIndex, at } from "../protocol/frame-index.js";
import type { PacketRows, PacketsResult } from "../protocol/video.js";
import type { Running } from "../threads/task.js";
import type { OpenVideo } from "./opened-video.js";
import { packetRanges } from "./plan/job-ranges.js";

/** What a job reads: so many bytes or packets, whichever is less; one packet at least. */
const pieceBytes = 2 ** 20;
const mostInPiece = 512;
/** Pieces under way while the consumer has one. */
const piecesAhead = 2;

interface Piece {
  readonly packets: Int32Array;
  readonly running: Running<PacketsResult>;
  readonly counted: Ahead;
}

/** Packets of an indexed stream by number, ascending, read ahead by one worker in bounded memory. Leaving the loop stops it. */
export async function* packetsAhead(
  video: OpenVideo,
  wanted: Int32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<PacketRows, void, undefined> {
  const { index, resources, base, label, link } = video;
  if (index === undefined) return;
  const room = resources.ahead;
  const linked = new LinkedAbort(video.closing.signal, signal);
  const ahead: Piece[] = [];
  let next = 0;
  let slot: number | undefined;
  try {
    while (next < wanted.length || ahead.length > 0) {
      linked.signal.throwIfAborted();
      // The first piece decides which worker goes on.
      while (next < wanted.length && ahead.length < (slot === undefined ? 1 : piecesAhead)) {
        const { packets, bytes } = pieceOf(index, wanted, next);
        if (ahead.length > 0 && room.free < bytes) break;
        next += packets.length;
        const running = runFetched(
          resources.workers,
          link,
          (most) => packetRanges(index, packets, most),
          { kind: "packets", ...base, index: index.buffer, packets },
          { label, signal: linked.signal, pin: slot },
        );
        // Pieces behind the first are awaited later: a failure until then is not unhandled.
        running.result.catch(() => undefined);
        ahead.push({ packets, running, counted: room.count(bytes) });
      }
      const [piece] = ahead;
      if (piece === undefined) break;
      const { data, durations } = await piece.running.result;
      ahead.shift();
      slot ??= piece.running.slot();
      try {
        yield { packets: piece.packets, data, durations };
      } finally {
        piece.counted.end();
      }
    }
  } finally {
    linked.abort(new DOMException("the iteration ended", "AbortError"));
    for (const { running, counted } of ahead) void running.settled.then(() => counted.end());
  }
}

function pieceOf(
  { packetSize }: FrameIndex,
  wanted: Int32Array,
  from: number,
): { readonly packets: Int32Array; readonly bytes: number } {
  let bytes = 0;
  let end = from;
  for (; end < wanted.length && end < from + mostInPiece; end++) {
    const size = at(packetSize, at(wanted, end));
    if (end > from && bytes + size > pieceBytes) break;
    bytes += size;
  }
  // A message holds all memory that a view lies over.
  return { packets: wanted.slice(from, end), bytes };
}
