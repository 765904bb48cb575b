import { FramepoolError, isInstance } from "../errors.js";
import { Frame } from "./frame.js";
import { type FrameIndex, at } from "../protocol/frame-index.js";
import { indexedRows } from "../protocol/rows.js";
import { ascends } from "../protocol/sorted.js";
import type { DecodeResult } from "../protocol/video.js";
import type { DType, OutputSpec } from "../protocol/output.js";
import { decodeFrames } from "./batch-decoder.js";
import { type Decoded, leaseFor } from "./frame-request.js";
import { solePass } from "./pass-targets.js";
import { FrameSizeMismatch, toError } from "../threads/job-error.js";
import { LinkedAbort } from "../async/abort.js";
import { ReadAhead } from "./read-ahead.js";
import { runFetched } from "../feed/fetched-job.js";
import { jobRanges, packetAfter } from "./plan/job-ranges.js";
import { frameThreads, schedule } from "./plan/schedule.js";
import type { OpenVideo } from "./opened-video.js";
import type { Ahead } from "../pool/ahead-bytes.js";
import { LeasedValues } from "../releasable.js";
import type { Lease } from "../pool/output-memory.js";
import type { Running } from "../threads/task.js";

/** Pixels decoded ahead of the consumer, in bytes; two frames at least. */
const aheadBytes = 48 * 2 ** 20;
const mostFramesAhead = 64;
const chunksAhead = 3;

/** A piece of the sequence that is being decoded. */
interface Chunk {
  readonly frames: Int32Array;
  readonly lease: Lease;
  readonly running: Running<DecodeResult>;
  readonly counted: Ahead;
}

/**
 * Frames piece by piece, in the order of `wanted`, decoded ahead in bounded memory. Ending the iteration stops the decoding.
 * Whoever takes a piece releases it. With a `size` each piece has so many frames, but the last one and what comes before an
 * error; without, as many as fit.
 */
export async function* framesAhead(
  video: OpenVideo,
  wanted: Int32Array,
  size: number | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Decoded, void, undefined> {
  const { workers, ahead: room } = video.resources;
  const perChunk = size ?? chunkLength(video.spec, room.most);
  const whole = size !== undefined;
  const { index } = video;
  if (index === undefined || !ascends(wanted) || isSparse(index, wanted)) {
    yield* batchesAhead(video, wanted, { perBatch: perChunk, whole }, signal);
    return;
  }
  const linked = new LinkedAbort(video.closing.signal, signal);
  const readAhead = new ReadAhead(video.link, index, wanted, linked.signal);
  const ahead: Chunk[] = [];
  let next = 0;
  /** Packets whose bytes the chunks before bring along. */
  let sent = 0;
  let slot: number | undefined;
  let cores = schedule([{ cost: wanted.length }], workers.idle)[0]?.cores ?? 1;
  try {
    while (next < wanted.length || ahead.length > 0) {
      linked.signal.throwIfAborted();
      // The first chunk decides which worker goes on.
      const most = slot === undefined ? 1 : chunksAhead;
      while (next < wanted.length && ahead.length < most) {
        // What is waited for is decoded, with room or without.
        if (ahead.length > 0 && room.free < perChunk * video.spec.frameBytes) break;
        const frames = wanted.subarray(next, next + perChunk);
        next += frames.length;
        readAhead.passed(next);
        // Others came to need the cores; giving them back costs this worker one GOP.
        if (workers.idle < cores - 1) cores = 1;
        const threads = video.settings.threads ?? frameThreads(cores);
        const moreFollows = next < wanted.length;
        ahead.push(startChunk(video, index, frames, { moreFollows, threads, pin: slot, from: sent }, linked.signal));
        sent = packetAfter(index, frames, sent);
      }
      const chunk = ahead[0];
      if (chunk === undefined) break;
      const [outcome] = await Promise.allSettled([finishChunk(video, index, chunk)]);
      ahead.shift();
      if (outcome.status === "fulfilled") {
        slot ??= chunk.running.slot();
        // The caller may hold it until it comes back.
        yield* counted(outcome.value, chunk.counted);
      } else {
        giveUp(chunk);
        // Also one frame alone may have another size than the header says, which is what a piece is made for.
        if (isInstance(outcome.reason, FrameSizeMismatch)) {
          const perBatch = whole ? perChunk : 1;
          yield* batchesAhead(video, chunk.frames, { perBatch, whole }, linked.signal);
        } else yield* salvage(video, chunk.frames, outcome.reason, whole, linked.signal);
      }
    }
  } finally {
    linked.abort(new DOMException("the iteration ended", "AbortError"));
    for (const chunk of ahead) giveUp(chunk);
  }
}

/** Its memory goes back once no worker writes into it any more. */
function giveUp({ lease, running, counted }: Chunk): void {
  void running.settled.then(() => {
    lease.release();
    counted.end();
  });
}

function* counted(decoded: Decoded, ahead: Ahead): Generator<Decoded, void, undefined> {
  try {
    yield decoded;
  } finally {
    ahead.end();
  }
}

function chunkLength(spec: OutputSpec, mostAhead: number): number {
  const frames = Math.floor(Math.min(aheadBytes, mostAhead) / chunksAhead / Math.max(1, spec.frameBytes));
  return Math.min(Math.max(frames, 1), mostFramesAhead);
}

/** Most frames need a key frame of their own: then the workers share each batch better than one goes through all. */
function isSparse(index: FrameIndex, wanted: Int32Array): boolean {
  if (wanted.length < 2) return false;
  let starts = 1;
  for (let i = 1; i < wanted.length; i++) {
    if (at(index.start, at(wanted, i)) !== at(index.start, at(wanted, i - 1))) starts++;
  }
  return starts * 2 > wanted.length;
}

function startChunk(
  video: OpenVideo,
  index: FrameIndex,
  frames: Int32Array,
  { moreFollows, threads, pin, from }: { moreFollows: boolean; threads: number; pin: number | undefined; from: number },
  signal: AbortSignal,
): Chunk {
  const { resources, base, settings, label, spec, link } = video;
  const lease = leaseFor(video, frames.length, spec);
  const running = runFetched(
    resources.workers,
    link,
    (most) => jobRanges(index, frames, from, most),
    {
      kind: "decode",
      ...base,
      index: index.buffer,
      targets: frames.slice(),
      ...solePass(lease.buffer, frames.length, spec),
      onError: settings.onError,
      moreFollows,
      threads,
    },
    { label, signal, pin },
  );
  // Chunks behind the first are awaited later: a failure until then is not unhandled.
  running.result.catch(() => undefined);
  return { frames, lease, running, counted: resources.ahead.count(frames.length * spec.frameBytes) };
}

async function finishChunk({ spec, label }: OpenVideo, index: FrameIndex, { lease, running }: Chunk): Promise<Decoded> {
  const { delivered, status, failures } = await running.result;
  const [failure] = failures;
  if (failure !== undefined) throw toError(failure.error, label, () => undefined);
  return { lease, spec, rows: indexedRows(index, delivered, status) };
}

/**
 * What a piece that failed can still give: native frames of several sizes one by one, unless they are wanted as a `whole`, and
 * those before a frame that cannot be decoded; then the error.
 */
async function* salvage(
  video: OpenVideo,
  frames: Int32Array,
  error: unknown,
  whole: boolean,
  signal: AbortSignal,
): AsyncGenerator<Decoded, void, undefined> {
  if (isInstance(error, FrameSizeMismatch) && frames.length > 1 && !whole) {
    yield* batchesAhead(video, frames, { perBatch: 1, whole }, signal);
    return;
  }
  if (isInstance(error, FramepoolError) && error.code === "E_DECODE" && error.frame !== undefined) {
    const before = frames.subarray(0, Math.max(0, frames.indexOf(error.frame.index)));
    yield* batchesAhead(video, before, { perBatch: Math.max(1, before.length), whole }, signal);
  }
  throw error;
}

/** Each frame can be released by itself; the piece's memory goes back with the last one. */
export function* framesOf<D extends DType>({ lease, spec, rows }: Decoded<D>): Generator<Frame<D>, void, undefined> {
  const frames: Frame<D>[] = [];
  for (let row = 0; row < rows.indices.length; row++) {
    const pixels = new LeasedValues("pixels", lease, spec.dtype, row * spec.frameBytes, spec.frameBytes);
    const frame = new Frame(pixels, spec, rows, row);
    if (frame.status !== "skipped") frames.push(frame);
  }
  if (frames.length === 0) lease.release();
  else lease.share(frames.length);
  let given = 0;
  try {
    for (const frame of frames) {
      given++;
      yield frame;
    }
  } finally {
    for (const frame of frames.slice(given)) frame.release();
  }
}

async function* batchesAhead(
  video: OpenVideo,
  wanted: Int32Array,
  { perBatch, whole }: { readonly perBatch: number; readonly whole: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<Decoded, void, undefined> {
  const linked = new LinkedAbort(signal);
  const room = video.resources.ahead;
  const bytesOf = (from: number): number => Math.min(perBatch, wanted.length - from) * video.spec.frameBytes;
  const start = (from: number): { readonly decoded: Promise<Decoded>; readonly ahead: Ahead } => {
    const decoded = decodeFrames(video, wanted.slice(from, from + perBatch), linked.signal);
    decoded.catch(() => undefined);
    return { decoded, ahead: room.count(bytesOf(from)) };
  };
  let next = 0;
  let coming = wanted.length > 0 ? start(next) : undefined;
  try {
    while (coming !== undefined) {
      const { ahead, decoded } = coming;
      const [outcome] = await Promise.allSettled([decoded]);
      const frames = wanted.subarray(next, next + perBatch);
      next += perBatch;
      coming = next < wanted.length && bytesOf(next) <= room.free ? start(next) : undefined;
      try {
        if (outcome.status === "fulfilled") yield outcome.value;
        else yield* salvage(video, frames, outcome.reason, whole, linked.signal);
      } finally {
        ahead.end();
      }
      if (next < wanted.length) coming ??= start(next);
    }
  } finally {
    linked.abort(new DOMException("the iteration ended", "AbortError"));
    const left = coming;
    void left?.decoded
      .then(
        ({ lease }) => {
          lease.release();
        },
        () => undefined,
      )
      .then(() => {
        left.ahead.end();
      });
  }
}
