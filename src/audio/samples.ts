import { LeasedValues, Releasable } from "../releasable.js";
import type { Lease } from "../pool/output-memory.js";

/** A stretch of sound. `data` is valid until release(), which is optional: its memory is then used again sooner. */
export class AudioSamples extends Releasable<"float32"> {
  /** [channels, samples of each]. */
  readonly shape: readonly [channels: number, samples: number];
  /** When the first sample is played. */
  readonly ptsSeconds: number;
  /** Samples over rate. */
  readonly durationSeconds: number;
  /** Samples a second of each channel. */
  readonly sampleRate: number;
  /**
   * Seconds of sound that cannot be decoded and were left out, with `onError: "skip"`: the samples before and after them follow
   * each other. 0 without damage.
   */
  readonly skippedSeconds: number;

  /** @internal */
  constructor(
    lease: Lease,
    [channels, samples]: readonly [number, number],
    ptsSeconds: number,
    sampleRate: number,
    skipped: number,
  ) {
    super(new LeasedValues("samples", lease, "float32", 0, channels * samples * Float32Array.BYTES_PER_ELEMENT));
    this.shape = [channels, samples];
    this.ptsSeconds = ptsSeconds;
    this.durationSeconds = samples / sampleRate;
    this.sampleRate = sampleRate;
    this.skippedSeconds = skipped / sampleRate;
  }

  /** One channel after the other, mostly from -1 to 1, over shared memory. Throws E_CLOSED after release(). */
  get data(): Float32Array<SharedArrayBuffer> {
    return this.values.data;
  }
}
