import { FramepoolError } from "../errors.js";
import type { Lease } from "../pool/output-memory.js";

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
  #lease: Lease | undefined;
  #view: Float32Array | undefined;

  /** @internal */
  constructor(lease: Lease, channels: number, samples: number, ptsSeconds: number, sampleRate: number) {
    this.shape = [channels, samples];
    this.ptsSeconds = ptsSeconds;
    this.durationSeconds = samples / sampleRate;
    this.sampleRate = sampleRate;
    this.#lease = lease;
  }

  /** One channel after the other, mostly from -1 to 1, over shared memory. Throws E_CLOSED after release(). */
  get data(): Float32Array {
    if (this.#lease === undefined) throw new FramepoolError("E_CLOSED", "the samples were released");
    const [channels, samples] = this.shape;
    this.#view ??= new Float32Array(this.#lease.buffer, 0, channels * samples);
    return this.#view;
  }

  release(): void {
    this.#lease?.release();
    this.#lease = undefined;
    this.#view = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
