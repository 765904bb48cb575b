import { AudioDecoder } from "./audio-decoder.js";
import { openAudio } from "./audio/open-audio.js";
import type { AudioDecoderOptions } from "./audio/options.js";
import { argumentError } from "./errors.js";
import { type ExtractRequest, type ExtractResult, extractAll } from "./video/extract.js";
import {
  type DecoderPoolOptions,
  type ExtractOptions,
  type VideoDecoderOptions,
  extractSettings,
  poolSettings,
} from "./options.js";
import { openVideo } from "./video/open-video.js";
import { PoolResources } from "./video/resources.js";
import type { MediaSource } from "./sources/media-source.js";
import { VideoDecoder } from "./video-decoder.js";

/** Worker threads that decode. Threads start as they are needed and stay; idle ones do not keep the process alive. */
export class DecoderPool {
  readonly #resources: PoolResources;

  constructor(options: DecoderPoolOptions = {}) {
    this.#resources = new PoolResources(poolSettings(options));
  }

  /** Number of worker threads at most. */
  get workers(): number {
    return this.#resources.workers.threads;
  }

  /**
   * Opens a video. Rejects with E_NOT_FOUND, E_ACCESS, E_NOT_A_FILE, E_IO, E_UNSUPPORTED_FORMAT, E_INVALID_DATA,
   * E_NO_STREAM, E_UNSUPPORTED_CODEC, E_LIMIT, E_METADATA, E_CLOSED or E_ADDON; a FramepoolTypeError for misuse.
   */
  async openVideo(source: MediaSource, options: VideoDecoderOptions = {}): Promise<VideoDecoder> {
    return new VideoDecoder(await openVideo(this.#resources, source, options));
  }

  /** Opens an audio stream. Rejects as openVideo does, and with E_CONVERSION. */
  async openAudio(source: MediaSource, options: AudioDecoderOptions = {}): Promise<AudioDecoder> {
    return new AudioDecoder(await openAudio(this.#resources, source, options));
  }

  /**
   * Frames of many files, each opened, indexed and decoded in one task, all workers busy and memory bounded: at most
   * `maxInFlight` requests are begun and not yet taken. A bad file is its own result's `error`. Results come as they are
   * done, or with `ordered` in the order of the requests. Throws the signal's reason when aborted, and what the iterable
   * of requests throws. Leaving the loop cancels what is under way.
   */
  extract<K = number>(
    requests: Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>,
    options: ExtractOptions = {},
  ): AsyncGenerator<ExtractResult<K>, void, undefined> {
    const given: unknown = requests;
    const iterable =
      typeof given === "object" && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given);
    if (!iterable) throw argumentError("requests", "an iterable or async iterable", requests);
    const settings = extractSettings(options, this.#resources.settings);
    return extractAll(this.#resources, requests, settings, options.signal);
  }

  /** Ends the threads and everything under way with E_CLOSED. Idempotent. */
  async close(): Promise<void> {
    await this.#resources.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
