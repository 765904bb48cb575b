import type { FrameIndex } from "./frame-index.js";
import { timesAt } from "./sorted.js";

/** What the frames of a batch are, row by row. */
export interface Rows {
  /** The frame that each row holds. */
  readonly indices: Int32Array;
  readonly ptsSeconds: Float64Array;
  readonly durationSeconds: Float64Array;
  /** By the native layer's numbers: see frameStatuses. */
  readonly status: Uint8Array;
  /** Where times were asked for: these. */
  readonly targetSeconds?: Float64Array | undefined;
}

/** To be filled. */
export function emptyRows(length: number): Rows {
  return {
    indices: new Int32Array(length),
    ptsSeconds: new Float64Array(length),
    durationSeconds: new Float64Array(length),
    status: new Uint8Array(length),
  };
}

/** Of frames whose times the index knows. */
export function indexedRows(
  { pts, duration }: Pick<FrameIndex, "pts" | "duration">,
  indices: Int32Array,
  status: Uint8Array,
  targetSeconds?: Float64Array,
): Rows {
  return {
    indices,
    ptsSeconds: timesAt(pts, indices),
    durationSeconds: timesAt(duration, indices),
    status,
    targetSeconds,
  };
}

/** Rows from `start`, inclusive, to `stop`, exclusive, over the same memory. */
export function sliceRows(rows: Rows, start: number, stop: number): Rows {
  const { indices, ptsSeconds, durationSeconds, status, targetSeconds } = rows;
  return {
    indices: indices.subarray(start, stop),
    ptsSeconds: ptsSeconds.subarray(start, stop),
    durationSeconds: durationSeconds.subarray(start, stop),
    status: status.subarray(start, stop),
    targetSeconds: targetSeconds?.subarray(start, stop),
  };
}

/** One behind the other. Either each part has the times asked for, or none has. */
export function joinRows(parts: readonly Rows[]): Rows {
  const length = parts.reduce((sum, { indices }) => sum + indices.length, 0);
  const hasTargets = parts.some(({ targetSeconds }) => targetSeconds !== undefined);
  const rows = { ...emptyRows(length), targetSeconds: hasTargets ? new Float64Array(length) : undefined };
  let begin = 0;
  for (const { indices, ptsSeconds, durationSeconds, status, targetSeconds } of parts) {
    rows.indices.set(indices, begin);
    rows.ptsSeconds.set(ptsSeconds, begin);
    rows.durationSeconds.set(durationSeconds, begin);
    rows.status.set(status, begin);
    if (targetSeconds !== undefined) rows.targetSeconds?.set(targetSeconds, begin);
    begin += indices.length;
  }
  return rows;
}
