import { LocalAudio } from "./audio/local-audio.js";
import { openAudio } from "./audio/open-audio.js";
import type { AudioSettings } from "./audio/options.js";
import { decoderClosed } from "./errors.js";
import type { VideoStreamMetadata } from "./video/metadata.js";
import type { DecoderSettings } from "./options.js";
import type { AheadBytes } from "./pool/ahead-bytes.js";
import type { FrameIndex } from "./protocol/frame-index.js";
import type { NeedsRoom } from "./protocol/job.js";
import type { KnownSource } from "./sources/media-source.js";
import { decodeFrames } from "./video/batch-decoder.js";
import { extractFile } from "./video/extract/extract-file.js";
import type { Decoded } from "./video/frame-request.js";
import { streamFrames } from "./video/frame-stream.js";
import type { ExtractedFrames, ExtractionHost, FileRequest, PoolHost, VideoHost } from "./video/host.js";
import { LocalClips } from "./pool/local-clips.js";
import { type OpenVideo, openVideo } from "./video/open-video.js";
import type { PoolResources } from "./pool/resources.js";

/** A pool of this thread's own. */
export class LocalPool implements PoolHost {
  readonly #resources: PoolResources;

  constructor(resources: PoolResources) {
    this.#resources = resources;
  }

  get workers(): number {
    return this.#resources.workers.threads;
  }

  get closing(): AbortSignal {
    return this.#resources.closing.signal;
  }

  async openVideo(
    source: KnownSource,
    settings: DecoderSettings,
    signal: AbortSignal | undefined,
  ): Promise<LocalVideo> {
    return new LocalVideo(await openVideo(this.#resources, source, settings, signal));
  }

  async openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<LocalAudio> {
    return new LocalAudio(await openAudio(this.#resources, source, settings, signal));
  }

  async startExtraction(settings: DecoderSettings): Promise<LocalExtraction> {
    return new LocalExtraction(this.#resources, settings);
  }

  async clips(signal: AbortSignal | undefined): Promise<LocalClips> {
    signal?.throwIfAborted();
    this.closing.throwIfAborted();
    return new LocalClips(this.#resources);
  }

  async close(): Promise<void> {
    await this.#resources.close();
  }
}

class LocalVideo implements VideoHost {
  readonly metadata: VideoStreamMetadata;
  readonly label: string;
  readonly index: FrameIndex | undefined;
  readonly #video: OpenVideo;

  constructor(video: OpenVideo) {
    this.metadata = video.metadata;
    this.label = video.label;
    this.index = video.index;
    this.#video = video;
  }

  async decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded> {
    return await decodeFrames(this.#video, wanted, signal);
  }

  stream(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<Decoded, void, undefined> {
    return streamFrames(this.#video, wanted, signal);
  }

  async close(): Promise<void> {
    const { closing, label } = this.#video;
    closing.abort(decoderClosed(label));
    await this.#video.release();
  }
}

class LocalExtraction implements ExtractionHost {
  readonly #resources: PoolResources;
  readonly #settings: DecoderSettings;
  /** What the last result took: the next one is offered as much. */
  readonly #usual = { bytes: 0 };

  constructor(resources: PoolResources, settings: DecoderSettings) {
    this.#resources = resources;
    this.#settings = settings;
  }

  get workers(): number {
    return this.#resources.workers.threads;
  }

  get ahead(): AheadBytes {
    return this.#resources.ahead;
  }

  async extract(request: FileRequest, signal: AbortSignal): Promise<ExtractedFrames | NeedsRoom> {
    return await extractFile(this.#resources, request, this.#settings, this.#usual, signal);
  }

  end(): void {
    // Nothing is held between two files.
  }
}
