import type { Lease } from "../pool/output-memory.js";
import { SampleMemory } from "./sample-memory.js";

/** A stretch of sound. `data` is valid until release(), which is optional: its memory is then used again sooner. */
export class AudioSamples {
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
  readonly #memory: SampleMemory;

  /** @internal */
  constructor(
    lease: Lease,
    [channels, samples]: readonly [number, number],
    ptsSeconds: number,
    sampleRate: number,
    skipped: number,
  ) {
    this.shape = [channels, samples];
    this.ptsSeconds = ptsSeconds;
    this.durationSeconds = samples / sampleRate;
    this.sampleRate = sampleRate;
    this.skippedSeconds = skipped / sampleRate;
    this.#memory = new SampleMemory("samples", lease, 0, channels * samples);
  }

  /** One channel after the other, mostly from -1 to 1, over shared memory. Throws E_CLOSED after release(). */
  get data(): Float32Array<SharedArrayBuffer> {
    return this.#memory.data;
  }

  /** A copy of the samples that is not shared, for what refuses shared memory, and that outlives release(). */
  copy(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.data);
  }

  /** Gives the memory back for reuse; `data` throws from then on. Does nothing the second time. */
  release(): void {
    this.#memory.release();
  }

  /** `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}
