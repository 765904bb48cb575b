import { FrameBatch, Pixels, type Rows, sliceRows } from "../frame.js";
import type { Lease } from "../pool/output-memory.js";
import type { ClipsResult } from "../protocol/job.js";
import type { OutputSpec } from "../protocol/output.js";
import type { BatchClip, ClipLayout } from "./clip-kind.js";
import { LoadedBatch } from "./loaded-batch.js";

/** Clips of so many frames of one shape. */
export class FrameLayout<K> implements ClipLayout<ClipsResult, LoadedBatch<K>> {
  readonly spec: OutputSpec;
  readonly clipBytes: number;
  readonly #numFramesPerClip: number;

  constructor(spec: OutputSpec, numFramesPerClip: number) {
    this.spec = spec;
    this.clipBytes = numFramesPerClip * spec.frameBytes;
    this.#numFramesPerClip = numFramesPerClip;
  }

  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<ClipsResult>[]): LoadedBatch<K> {
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
  return {
    indices: Int32Array.from(parts.flatMap(({ indices }) => [...indices])),
    ptsSeconds: Float64Array.from(parts.flatMap(({ ptsSeconds }) => [...ptsSeconds])),
    durationSeconds: Float64Array.from(parts.flatMap(({ durationSeconds }) => [...durationSeconds])),
    status: Uint8Array.from(parts.flatMap(({ status }) => [...status])),
  };
}
