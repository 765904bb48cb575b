import type { AudioHost } from "./audio/host.js";
import { openAudio } from "./audio/open-audio.js";
import type { AudioSettings } from "./audio/options.js";
import { type OpenSource, withSource } from "./feed/open-source.js";
import { audioHost, videoHost, LocalMedia } from "./local-media.js";
import type { MediaHost, PoolHost } from "./pool-host.js";
import type { AheadBytes } from "./pool/ahead-bytes.js";
import { LocalClips } from "./pool/local-clips.js";
import type { PoolStats } from "./pool/stats.js";
import type { PoolResources } from "./pool/resources.js";
import type { Encoding } from "./protocol/image.js";
import type { NeedsRoom } from "./protocol/video.js";
import type { KnownSource } from "./sources/media-source.js";
import { extractFile, extractFileImages } from "./video/extract/extract-file.js";
import type { ExtractedFrames, ExtractedImages, FileRequest, VideoHost } from "./video/host.js";
import { openVideo } from "./video/open-video.js";
import type { DecoderSettings } from "./video/options.js";

/** A pool of this thread's own. */
export class LocalPool implements PoolHost {
  readonly workers: number;
  readonly closing: AbortSignal;
  readonly #resources: PoolResources;

  constructor(resources: PoolResources) {
    this.workers = resources.workers.threads;
    this.closing = resources.closing.signal;
    this.#resources = resources;
  }

  get stats(): PoolStats {
    return this.#resources.stats;
  }

  async openMedia(source: KnownSource, readTimeoutMs: number, signal: AbortSignal | undefined): Promise<MediaHost> {
    return await this.#open(source, readTimeoutMs, signal, (opened, linked) =>
      LocalMedia.of(this.#resources, opened, linked),
    );
  }

  async openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost> {
    return await this.#open(source, settings.readTimeoutMs, signal, async (opened, linked) =>
      videoHost(await openVideo(this.#resources, opened, settings, 0, linked)),
    );
  }

  async openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost> {
    return await this.#open(source, settings.readTimeoutMs, signal, async (opened, linked) =>
      audioHost(await openAudio(this.#resources, opened, settings, linked)),
    );
  }

  async ahead(): Promise<AheadBytes> {
    return this.#resources.ahead;
  }

  async extract(
    request: FileRequest,
    settings: DecoderSettings,
    signal: AbortSignal,
  ): Promise<ExtractedFrames | NeedsRoom> {
    return await extractFile(this.#resources, request, settings, signal);
  }

  async extractImages(
    request: FileRequest,
    settings: DecoderSettings,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<ExtractedImages | NeedsRoom> {
    return await extractFileImages(this.#resources, request, settings, encoding, signal);
  }

  async clips(signal: AbortSignal | undefined): Promise<LocalClips> {
    signal?.throwIfAborted();
    this.closing.throwIfAborted();
    return new LocalClips(this.#resources);
  }

  async close(): Promise<void> {
    await this.#resources.close();
  }

  /** Opens a source for `use`, which takes it over. */
  async #open<T>(
    source: KnownSource,
    readTimeoutMs: number,
    signal: AbortSignal | undefined,
    use: (source: OpenSource, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return await withSource(this.#resources.feed, source, { identify: true, readTimeoutMs }, signal, use);
  }
}
