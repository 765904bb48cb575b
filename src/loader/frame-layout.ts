import { FrameBatch, Pixels, type Rows, sliceRows } from "../video/frame.js";
import type { Lease } from "../pool/output-memory.js";
import type { ClipsResult } from "../protocol/video.js";
import type { DType, OutputSpec } from "../protocol/output.js";
import type { BatchClip, ClipLayout } from "./clip-kind.js";
import { LoadedBatch } from "./loaded-batch.js";

/** Clips of so many frames of one shape. */
export class FrameLayout<K, D extends DType> implements ClipLayout<ClipsResult, LoadedBatch<K, D>> {
  readonly spec: OutputSpec<D>;
  readonly clipBytes: number;
  readonly #numFramesPerClip: number;

  constructor(spec: OutputSpec<D>, numFramesPerClip: number) {
    this.spec = spec;
    this.clipBytes = numFramesPerClip * spec.frameBytes;
    this.#numFramesPerClip = numFramesPerClip;
  }

  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<ClipsResult>[]): LoadedBatch<K, D> {
    const frames = this.#numFramesPerClip;
    const rows = joinRows(clips.map(({ clips: rows, clip }) => sliceRows(rows, clip * frames, (clip + 1) * frames)));
    const pixels = new Pixels(memory, this.spec.dtype, offset, clips.length * this.clipBytes);
    return new LoadedBatch(
      new FrameBatch(pixels, this.spec, rows),
      frames,
      clips.map(({ key }) => key as K),
    );
  }
}

function joinRows(parts: readonly Rows[]): Rows {
  const length = parts.reduce((sum, { indices }) => sum + indices.length, 0);
  const rows = {
    indices: new Int32Array(length),
    ptsSeconds: new Float64Array(length),
    durationSeconds: new Float64Array(length),
    status: new Uint8Array(length),
    // One sampler chooses them all: each part has its times, or none has.
    targetSeconds: parts.some(({ targetSeconds }) => targetSeconds !== undefined)
      ? new Float64Array(length)
      : undefined,
  };
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
