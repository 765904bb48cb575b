import { FramepoolError } from "../errors.js";
import type { Lease } from "../pool/output-memory.js";

interface AudioClipFacts<K> {
  readonly shape: readonly [clips: number, channels: number, samples: number];
  readonly sampleRate: number;
  readonly keys: readonly K[];
  readonly ptsSeconds: Float64Array;
  readonly numSamples: Int32Array;
}

/** Clips of sound, equal in length, of several items. Valid until release(), which is optional. */
export class AudioClipBatch<K = number> {
  /** Number of clips. */
  readonly length: number;
  /** [clips, channels, samples of each]. */
  readonly shape: readonly [clips: number, channels: number, samples: number];
  /** Samples a second of each channel. */
  readonly sampleRate: number;
  /** These three by clip: the key of its item, */
  readonly keys: readonly K[];
  /** when its first sample is played, */
  readonly ptsSeconds: Float64Array;
  /** and how many samples of each channel are the item's; the ones behind them are zeros. */
  readonly numSamples: Int32Array;
  #lease: Lease | undefined;
  readonly #offset: number;
  #view: Float32Array | undefined;

  /** @internal `offset`: bytes in the memory before the first clip. */
  constructor(lease: Lease, offset: number, { shape, sampleRate, keys, ptsSeconds, numSamples }: AudioClipFacts<K>) {
    [this.length] = shape;
    this.shape = shape;
    this.sampleRate = sampleRate;
    this.keys = keys;
    this.ptsSeconds = ptsSeconds;
    this.numSamples = numSamples;
    this.#lease = lease;
    this.#offset = offset;
  }

  /** All samples, clip after clip, in each one channel after the other; mostly from -1 to 1. Throws E_CLOSED after release(). */
  get data(): Float32Array {
    if (this.#lease === undefined) throw new FramepoolError("E_CLOSED", "the clips were released");
    const [clips, channels, samples] = this.shape;
    this.#view ??= new Float32Array(this.#lease.buffer, this.#offset, clips * channels * samples);
    return this.#view;
  }

  /** [channels, samples] of a clip, without a copy; negative numbers count from the end. Throws E_OUT_OF_RANGE and E_CLOSED. */
  clip(clip: number): Float32Array {
    const normal = clip < 0 ? clip + this.length : clip;
    if (!Number.isInteger(normal) || normal < 0 || normal >= this.length) {
      throw new FramepoolError("E_OUT_OF_RANGE", `clip ${String(clip)} is outside the batch of ${String(this.length)}`);
    }
    const each = this.shape[1] * this.shape[2];
    return this.data.subarray(normal * each, (normal + 1) * each);
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
