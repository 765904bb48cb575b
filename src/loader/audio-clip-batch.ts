import { placeIn } from "../arguments.js";
import { LeasedValues, Releasable } from "../releasable.js";
import type { Lease } from "../pool/output-memory.js";

type AudioClipFacts<K> = Pick<AudioClipBatch<K>, "shape" | "sampleRate" | "keys" | "ptsSeconds" | "numSamples">;

/** Clips of sound, equal in length, of several items. Valid until release(), which is optional. */
export class AudioClipBatch<K = number> extends Releasable<"float32"> {
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

  /** @internal `offset`: bytes in the memory before the first clip. */
  constructor(lease: Lease, offset: number, { shape, sampleRate, keys, ptsSeconds, numSamples }: AudioClipFacts<K>) {
    const bytes = shape[0] * shape[1] * shape[2] * Float32Array.BYTES_PER_ELEMENT;
    super(new LeasedValues("clips", lease, "float32", offset, bytes));
    [this.length] = shape;
    this.shape = shape;
    this.sampleRate = sampleRate;
    this.keys = keys;
    this.ptsSeconds = ptsSeconds;
    this.numSamples = numSamples;
  }

  /** All samples, clip after clip, in each one channel after the other; mostly from -1 to 1. Throws E_CLOSED after release(). */
  get data(): Float32Array<SharedArrayBuffer> {
    return this.values.data;
  }

  /** [channels, samples] of a clip, without a copy; negative numbers count from the end. Throws E_OUT_OF_RANGE and E_CLOSED. */
  clip(clip: number): Float32Array<SharedArrayBuffer> {
    const place = placeIn("clip", clip, this.length);
    const each = this.shape[1] * this.shape[2];
    return this.data.subarray(place * each, (place + 1) * each);
  }
}
