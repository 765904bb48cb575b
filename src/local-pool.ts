import { decodeRange } from "./audio/decode-range.js";
import type { AudioHost } from "./audio/host.js";
import { type OpenAudio, openAudio } from "./audio/open-audio.js";
import type { AudioSettings } from "./audio/options.js";
import { streamSamples } from "./audio/sample-stream.js";
import { decoderClosed } from "./errors.js";
import type { PoolHost } from "./pool-host.js";
import type { AheadBytes } from "./pool/ahead-bytes.js";
import { LocalClips } from "./pool/local-clips.js";
import type { PoolResources } from "./pool/resources.js";
import type { NeedsRoom } from "./protocol/video.js";
import type { KnownSource } from "./sources/media-source.js";
import { decodeFrames } from "./video/batch-decoder.js";
import { extractFile } from "./video/extract/extract-file.js";
import { streamFrames } from "./video/frame-stream.js";
import type { ExtractedFrames, FileRequest, VideoHost } from "./video/host.js";
import { openVideo } from "./video/open-video.js";
import type { OpenVideo } from "./video/opened-video.js";
import type { DecoderSettings } from "./video/options.js";

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

  async openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost> {
    const video = await openVideo(this.#resources, source, settings, signal);
    const { metadata, label, index } = video;
    return {
      metadata,
      label,
      index,
      decode: (wanted, signal) => decodeFrames(video, wanted, signal),
      stream: (wanted, signal) => streamFrames(video, wanted, signal),
      close: () => close(video),
    };
  }

  async openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost> {
    const audio = await openAudio(this.#resources, source, settings, signal);
    const { info, label } = audio;
    return {
      info,
      label,
      decode: (range, signal) => decodeRange(audio, range, signal),
      stream: (length, signal) => streamSamples(audio, length, signal),
      close: () => close(audio),
    };
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

  async clips(signal: AbortSignal | undefined): Promise<LocalClips> {
    signal?.throwIfAborted();
    this.closing.throwIfAborted();
    return new LocalClips(this.#resources);
  }

  async close(): Promise<void> {
    await this.#resources.close();
  }
}

async function close({ closing, label, release }: OpenVideo | OpenAudio): Promise<void> {
  closing.abort(decoderClosed(label));
  await release();
}
