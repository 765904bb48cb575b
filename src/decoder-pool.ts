import { AudioDecoder } from "./audio-decoder.js";
import { Media } from "./media.js";
import { openAudioOn, openMediaOn, openVideoOn, type PoolHost } from "./pool-host.js";
import type { AudioDecoderOptions } from "./audio/options.js";
import { isAnyIterable } from "./arguments.js";
import { argumentError } from "./errors.js";
import {
  type ExtractFilesRequest,
  type ExtractFilesResult,
  type ExtractImagesResult,
  type ExtractRequest,
  type ExtractResult,
  lookAt,
} from "./video/extract/extract-request.js";
import { extractAll, extractAllImages } from "./video/extract/extract.js";
import { type DecoderPoolOptions, poolSettings } from "./pool/options.js";
import {
  type ExtractImagesOptions,
  type ExtractOptions,
  type VideoDecoderOptions,
  extractSettings,
} from "./video/options.js";
import { LocalPool } from "./local-pool.js";
import type { PoolStats } from "./pool/stats.js";
import { PoolResources } from "./pool/resources.js";
import type { DType } from "./protocol/output.js";
import type { MediaSource, OpenOptions } from "./sources/media-source.js";
import { VideoDecoder } from "./video-decoder.js";

/** Worker threads that decode. Threads start as they are needed and stay; idle ones do not keep the process alive. */
export class DecoderPool {
  readonly #host: PoolHost;

  constructor(options?: DecoderPoolOptions);
  /** @internal The pool of another thread, see connect(). */
  constructor(options: undefined, host: PoolHost);
  constructor(options: DecoderPoolOptions = {}, host?: PoolHost) {
    this.#host = host ?? new LocalPool(new PoolResources(poolSettings(options)));
  }

  /** @internal Where a pool's work is done. */
  static hostOf(pool: DecoderPool): PoolHost {
    return pool.#host;
  }

  /** Number of worker threads at most. Of a connected pool: 0 until the other thread has answered for the first time. */
  get workers(): number {
    return this.#host.workers;
  }

  /** What the pool has and does right now. Throws FramepoolTypeError for a connected pool: ask in the thread that made it. */
  get stats(): PoolStats {
    return this.#host.stats;
  }

  /** What is in a file, and decoders of its streams over the same bytes. Rejects as `open` does. */
  async open(source: MediaSource, options: OpenOptions = {}): Promise<Media> {
    return new Media(await openMediaOn(this.#host, source, options));
  }

  /**
   * Opens a video. Rejects with E_NOT_FOUND, E_ACCESS, E_NOT_A_FILE, E_IO, E_UNSUPPORTED_FORMAT, E_INVALID_DATA,
   * E_NO_STREAM, E_UNSUPPORTED_CODEC, E_LIMIT, E_METADATA, E_CLOSED or E_ADDON; a FramepoolTypeError for misuse.
   */
  async openVideo<D extends DType = "uint8">(
    source: MediaSource,
    options: VideoDecoderOptions<D> = {},
  ): Promise<VideoDecoder<D>> {
    const { video, dtype } = await openVideoOn(this.#host, source, options);
    return new VideoDecoder(video, dtype);
  }

  /** Opens an audio stream. Rejects as openVideo does, and with E_CONVERSION. */
  async openAudio(source: MediaSource, options: AudioDecoderOptions = {}): Promise<AudioDecoder> {
    return new AudioDecoder(await openAudioOn(this.#host, source, options));
  }

  /**
   * Frames of many files, all workers busy and memory bounded: at most `maxInFlight` requests are begun and not yet taken. A
   * file on a disk is opened, indexed and decoded in one task; what has to be asked for its bytes is opened first, so that
   * those of the frames are fetched together, before they take a worker. A bad file is its own result's `error`; without the
   * native addon none can be read, and E_ADDON is thrown once. Results come as they are
   * done, or with `ordered` in the order of the requests. Throws the signal's reason when aborted, and, after the results of those
   * before, what the iterable of requests throws. A request that makes no sense is a FramepoolTypeError: thrown by the call where
   * `requests` is an array, otherwise when its turn comes. With `encode` the pictures leave the workers as files: results have
   * `images` instead of a batch; of requests with a
   * `folder` the workers write them there. Leaving the loop cancels what is under way.
   */
  extract<K = number>(
    requests: Iterable<ExtractFilesRequest<K>> | AsyncIterable<ExtractFilesRequest<K>>,
    options: ExtractImagesOptions,
  ): AsyncGenerator<ExtractFilesResult<K>, void, undefined>;
  extract<K = number>(
    requests: Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>,
    options: ExtractImagesOptions,
  ): AsyncGenerator<ExtractImagesResult<K>, void, undefined>;
  extract<K = number, D extends DType = "uint8">(
    requests: Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>,
    options?: ExtractOptions<D>,
  ): AsyncGenerator<ExtractResult<K, D>, void, undefined>;
  extract<K = number, D extends DType = "uint8">(
    requests: Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>,
    options: ExtractOptions<D> | (ExtractOptions<D> & ExtractImagesOptions) = {},
  ): AsyncGenerator<ExtractResult<K, D> | ExtractImagesResult<K> | ExtractFilesResult<K>, void, undefined> {
    if (!isAnyIterable(requests)) throw argumentError("requests", "an iterable or async iterable", requests);
    const settings = extractSettings(options);
    const { encoding } = settings;
    return encoding === undefined
      ? extractAll(this.#host, lookAt(requests, false), settings, options.signal)
      : extractAllImages(this.#host, lookAt(requests, true), settings, encoding, options.signal);
  }

  /** Ends the threads and everything under way with E_CLOSED. Idempotent. */
  async close(): Promise<void> {
    await this.#host.close();
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
