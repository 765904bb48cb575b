import type { FrameBatch, VideoDecoder } from "../index.js";
import type { Selection } from "./selection.js";

/** Pixels of one batch where we choose how many frames it has. Two are held: one is used while the next is decoded. */
const chunkBytes = 64 * 2 ** 20;

/** For the pool: what needs more in one batch is decoded in chunks. One frame of 8K still fits. */
export const maxOutputBytes = 128 * 2 ** 20;

type Rows = { readonly indices: readonly number[] } | { readonly times: readonly number[] };

/** The rows that `pool.extract` would give for the selection, in its order. */
export async function resolveRows(video: VideoDecoder, selection: Selection): Promise<Rows> {
  if ("count" in selection) return { indices: uniform(video.length, selection.count) };
  if ("every" in selection) return { times: ticks(video, selection.every) };
  if ("keyFrames" in selection) return { indices: [...(await video.keyFrameIndices())] };
  return selection;
}

/** `count` positions from the first to the last. */
export function uniform(length: number, count: number): number[] {
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

export function rowCount(rows: Rows): number {
  return "indices" in rows ? rows.indices.length : rows.times.length;
}

/** The rows in batches of bounded size. Batches belong to the caller, who releases them. */
export async function* frameChunks(video: VideoDecoder, rows: Rows, signal: AbortSignal): AsyncGenerator<FrameBatch> {
  const { width, height } = video.metadata;
  const rowsPerBatch = Math.max(1, Math.floor(chunkBytes / (width * height * 3)));
  const count = rowCount(rows);
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
  try {
    for (let start = rowsPerBatch; next !== undefined; start += rowsPerBatch) {
      const batch: FrameBatch = await next;
      next = request(start);
      yield batch;
    }
  } finally {
    next?.then(
      (batch) => batch.release(),
      () => undefined,
    );
  }
}
