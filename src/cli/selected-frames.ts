import type { Frame, FrameBatch, VideoDecoder } from "../index.js";
import type { Selection } from "./selection.js";

/** Pixels of one request. Two are held: one is used while the next is decoded. */
const chunkBytes = 64 * 2 ** 20;

export interface LentFrame {
  readonly frame: Frame;
  /** To be called when the frame is no longer read: its memory is used again. */
  readonly giveBack: () => void;
}

/** The frames of a selection, in bounded memory. */
export interface SelectedFrames {
  /** At most so many. */
  readonly count: number;
  readonly frames: AsyncIterable<LentFrame>;
  /** Complete when the frames have ended. */
  readonly undecodable: ReadonlySet<number>;
}

type Rows = { readonly indices: readonly number[] } | { readonly times: readonly number[] };

export async function selectFrames(
  video: VideoDecoder,
  selection: Selection,
  signal: AbortSignal,
): Promise<SelectedFrames> {
  const rows = await resolveRows(video, selection);
  const undecodable = new Set<number>();
  const count = "indices" in rows ? rows.indices.length : rows.times.length;
  return { count, undecodable, frames: chunked(video, rows, undecodable, signal) };
}

/** The rows that `pool.extract` would give for the selection, in its order. */
async function resolveRows(video: VideoDecoder, selection: Selection): Promise<Rows> {
  if ("count" in selection) return { indices: uniform(video.length, selection.count) };
  if ("every" in selection) return { times: ticks(video, selection.every) };
  if ("keyFrames" in selection) return { indices: [...(await video.keyFrameIndices())] };
  return selection;
}

function uniform(length: number, count: number): number[] {
  if (count === 1 || length === 0) return length === 0 ? [] : [0];
  return Array.from({ length: count }, (_, i) => Math.floor((i * (length - 1)) / (count - 1)));
}

function ticks({ metadata }: VideoDecoder, every: number): number[] {
  const begin = metadata.beginStreamSeconds;
  const end = metadata.endStreamSeconds ?? begin;
  const times: number[] = [];
  for (let time = begin; time < end; time = begin + times.length * every) times.push(time);
  return times;
}

async function* chunked(
  video: VideoDecoder,
  rows: Rows,
  undecodable: Set<number>,
  signal: AbortSignal,
): AsyncGenerator<LentFrame> {
  for await (const batch of batches(video, rows, signal)) {
    batch.status.forEach((status, row) => {
      if (status === "skipped") undecodable.add(batch.indices[row] ?? -1);
    });
    yield* lend(batch);
  }
}

/** A batch can only be released as a whole: when its last frame is given back. */
function* lend(batch: FrameBatch): Generator<LentFrame> {
  const lent = new Set(batch);
  if (lent.size === 0) batch.release();
  for (const frame of [...lent]) {
    const giveBack = (): void => {
      lent.delete(frame);
      if (lent.size === 0) batch.release();
    };
    yield { frame, giveBack };
  }
}

async function* batches(video: VideoDecoder, rows: Rows, signal: AbortSignal): AsyncGenerator<FrameBatch> {
  const { width, height } = video.metadata;
  const rowsPerBatch = Math.max(1, Math.floor(chunkBytes / (width * height * 3)));
  const count = "indices" in rows ? rows.indices.length : rows.times.length;
  const request = (start: number): Promise<FrameBatch> | undefined => {
    if (start >= count) return undefined;
    const stop = start + rowsPerBatch;
    const batch =
      "indices" in rows
        ? video.getFramesAt(rows.indices.slice(start, stop), { signal })
        : video.getFramesPlayedAt(rows.times.slice(start, stop), { signal });
    // It may fail while the batch before it is still in use: that is no unhandled rejection.
    batch.catch(() => undefined);
    return batch;
  };
  let next = request(0);
  for (let start = rowsPerBatch; next !== undefined; start += rowsPerBatch) {
    const batch: FrameBatch = await next;
    next = request(start);
    yield batch;
  }
}
