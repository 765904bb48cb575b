import type { AudioHost, DecodedSamples } from "./audio/host.js";
import { openAudioOn } from "./pool-host.js";
import { type AudioStreamMetadata, audioMetadata } from "./audio/metadata.js";
import type { AudioDecoderOptions } from "./audio/options.js";
import { placeAt, secondsAt } from "./audio/places.js";
import { AudioSamples } from "./audio/samples.js";
import { argumentError, askedHere, decoderClosed, FramepoolError, withCaller } from "./errors.js";
import { checkSignal, finite, knownKeys, positive } from "./arguments.js";
import { Lease } from "./pool/output-memory.js";
import { farthestPlace } from "./protocol/audio.js";
import type { MediaSource } from "./sources/media-source.js";
import { LocalPool } from "./local-pool.js";
import { defaultResources } from "./pool/resources.js";
import type { CallOptions } from "./video/call-options.js";

export interface SamplesOptions extends CallOptions {
  /** Seconds of sound in a chunk; the last one may be shorter. Default 1. */
  readonly chunkSeconds?: number | undefined;
}

/**
 * Samples of one audio stream, decoded by the pool's workers: float32, one channel after the other. Times are seconds on the
 * file's clock, as for its pictures: a sample is in [start, stop) when it begins to be played there, so that ranges that meet
 * neither lose nor repeat one. Every range holds bit for bit what lies there in the whole. Where the file leaves a gap in
 * time, the samples before and after it follow each other.
 *
 * Every getter rejects with E_OUT_OF_RANGE for a range that holds nothing, E_DECODE for one that cannot be decoded (or without that part, see `onError`), E_LIMIT
 * for more bytes than `limits.maxOutputBytes`, E_CLOSED after close(), E_WORKER_LOST when a worker died, the signal's reason
 * when aborted, and a FramepoolTypeError for misuse.
 */
export class AudioDecoder {
  /** What is known of the stream, from the moment that it was opened. */
  readonly metadata: AudioStreamMetadata;
  readonly #audio: AudioHost;
  #closed: Promise<void> | undefined;

  /** @internal Use AudioDecoder.open or DecoderPool.openAudio. */
  constructor(audio: AudioHost) {
    this.#audio = audio;
    this.metadata = audioMetadata(audio.info);
  }

  /** Opens a sound stream on a shared pool that is made on first use and never keeps the process alive. */
  static async open(source: MediaSource, options: AudioDecoderOptions = {}): Promise<AudioDecoder> {
    return new AudioDecoder(await openAudioOn(new LocalPool(defaultResources()), source, options));
  }

  /** Samples a second of what is given out. */
  get sampleRate(): number {
    return this.#audio.info.outputRate;
  }

  /** Channels of what is given out. */
  get numChannels(): number {
    return this.#audio.info.outputChannels;
  }

  /** The whole stream. For more than fits in memory, use samples(). */
  async getAllSamples(options: CallOptions = {}): Promise<AudioSamples> {
    this.#begin(options);
    return this.#samples(await askedHere(this.#audio.decode({ begin: 0, end: farthestPlace }, options.signal)));
  }

  /**
   * What is played in [startSeconds, stopSeconds), up to the end without a stop. Beyond the ends there is nothing: the range
   * may begin before the first sample and end after the last one.
   */
  async getSamplesPlayedInRange(
    startSeconds = 0,
    stopSeconds?: number,
    options: CallOptions = {},
  ): Promise<AudioSamples> {
    const start = finite("startSeconds", startSeconds);
    const stop = stopSeconds === undefined ? Infinity : finite("stopSeconds", stopSeconds);
    if (start > stop) throw argumentError("stopSeconds", `a number from ${String(start)} on (startSeconds)`, stop);
    this.#begin(options);
    const range = { begin: placeAt(this.#audio.info, start), end: placeAt(this.#audio.info, stop) };
    if (start === stop) return this.#nothing(start);
    if (range.end > range.begin) return this.#samples(await askedHere(this.#audio.decode(range, options.signal)));
    if (range.end > 0) return this.#nothing(start);
    throw new FramepoolError("E_OUT_OF_RANGE", `the sound begins after ${String(stop)} s`, {
      source: this.#audio.label,
    });
  }

  /** The whole stream in chunks, decoded ahead in bounded memory. Leaving the loop stops the decoding. */
  samples(options: SamplesOptions = {}): AsyncGenerator<AudioSamples, void, undefined> {
    knownKeys("options", options, ["chunkSeconds", "signal"]);
    const seconds = positive("options.chunkSeconds", options.chunkSeconds ?? 1);
    checkSignal(options.signal);
    return this.#chunks(seconds, options.signal);
  }

  async *#chunks(seconds: number, signal: AbortSignal | undefined): AsyncGenerator<AudioSamples, void, undefined> {
    this.#begin({ signal });
    const length = Math.min(Math.max(1, Math.round(seconds * this.sampleRate)), farthestPlace);
    try {
      for await (const decoded of this.#audio.samples(length, signal)) yield this.#samples(decoded);
    } catch (error) {
      throw withCaller(error);
    }
  }

  /** `samples()` with its defaults. */
  [Symbol.asyncIterator](): AsyncGenerator<AudioSamples, void, undefined> {
    return this.samples();
  }

  /** Ends its calls with E_CLOSED and closes the file in every worker, as VideoDecoder.close() does. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= this.#audio.close();
    await this.#closed;
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(options: CallOptions): void {
    knownKeys("options", options, ["signal"]);
    checkSignal(options.signal);
    if (this.#closed !== undefined) {
      throw decoderClosed(this.#audio.label);
    }
    options.signal?.throwIfAborted();
  }

  #samples({ lease, count, begin, skipped }: DecodedSamples): AudioSamples {
    const { info } = this.#audio;
    return new AudioSamples(lease, [info.outputChannels, count], secondsAt(info, begin), info.outputRate, skipped);
  }

  #nothing(seconds: number): AudioSamples {
    const lease = new Lease(new SharedArrayBuffer(0), () => undefined);
    return new AudioSamples(lease, [this.numChannels, 0], seconds, this.sampleRate, 0);
  }
}
