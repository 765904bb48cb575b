import { argumentError, askedHere } from "./errors.js";
import { AudioDecoder } from "./audio-decoder.js";
import { type AudioDecoderOptions, audioSettings } from "./audio/options.js";
import { LocalPool } from "./local-pool.js";
import { type Chapter, type StreamDescription, chapterOf, describeStream } from "./media/description.js";
import { type MediaClip, type MediaClipsOptions, clipsPlan, decodeClips } from "./media-clips.js";
import { type MediaHost, openMediaOn } from "./pool-host.js";
import { defaultResources } from "./pool/resources.js";
import type { DType } from "./protocol/output.js";
import type { MediaSource, OpenOptions } from "./sources/media-source.js";
import { VideoDecoder } from "./video-decoder.js";
import { type VideoDecoderOptions, decoderSettings } from "./video/options.js";

/** How a file is read is said when it is opened. */
export type MediaVideoOptions<D extends DType = DType> = Omit<VideoDecoderOptions<D>, "readTimeoutMs">;
/** Options of a sound stream of an opened file. */
export type MediaAudioOptions = Omit<AudioDecoderOptions, "readTimeoutMs">;

/**
 * What is in a file, and decoders of its streams over the same bytes: an address is one HTTP source with one cache, what comes in
 * pieces is copied once, an object is one source, and a file on a disk is the one version that was opened.
 *
 * A decoder works until it is closed itself, or the file is: `close()` closes the decoders that were opened from it. What they have
 * given out stays valid. Times are seconds on the file's clock, which need not begin at 0.
 */
export class Media {
  /** FFmpeg's name of the container format: "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly container: string;
  /** Of all streams together; null where the file does not say. */
  readonly durationSeconds: number | null;
  /** When the first stream begins. */
  readonly beginSeconds: number | null;
  /** Of all streams together: bits a second. */
  readonly bitRate: number | null;
  /** Of the file, by the names that the container has for them: "title", "artist", "creation_time", ... At most 4 MiB in all. */
  readonly tags: Readonly<Record<string, string>>;
  /** At most 65536. */
  readonly chapters: readonly Chapter[];
  /** All streams, also those that framepool does not decode. */
  readonly streams: readonly StreamDescription[];
  readonly #media: MediaHost;
  #closed: Promise<void> | undefined;

  /** @internal Use open or DecoderPool.open. */
  constructor(media: MediaHost) {
    const { container, beginSeconds, durationSeconds, bitRate, tags, chapters, streams } = media.info;
    this.container = container;
    this.durationSeconds = durationSeconds;
    this.beginSeconds = beginSeconds;
    this.bitRate = bitRate;
    this.tags = tags;
    this.chapters = chapters.map(chapterOf);
    this.streams = streams.map(describeStream);
    this.#media = media;
  }

  /**
   * A decoder of a video stream: FFmpeg's best one, a cover only where there is no other, or the one that `streamIndex` names.
   * Rejects as VideoDecoder.open does, but for what says that the file cannot be opened, and with E_CLOSED after close().
   */
  async video<D extends DType = "uint8">(options: MediaVideoOptions<D> = {}): Promise<VideoDecoder<D>> {
    const settings = decoderSettings<D>(withoutReading(options));
    options.signal?.throwIfAborted();
    return new VideoDecoder(await askedHere(this.#media.openVideo(settings, options.signal)), settings.dtype);
  }

  /** The same of a sound stream: rejects as AudioDecoder.open does. */
  async audio(options: MediaAudioOptions = {}): Promise<AudioDecoder> {
    const settings = audioSettings(withoutReading(options));
    options.signal?.throwIfAborted();
    return new AudioDecoder(await askedHere(this.#media.openAudio(settings, options.signal)));
  }

  /**
   * Pictures and sound of windows of time, on one clock: each window's frames and samples come together, and the bytes are read once for
   * both. The next window is decoded while the loop has one; leaving the loop stops the decoding. Throws FramepoolTypeError for misuse; the loop
   * rejects as `video()`, `audio()` and their getters do, and with E_OUT_OF_RANGE for a window in which there is nothing.
   */
  clips(options: MediaClipsOptions): AsyncGenerator<MediaClip, void, undefined> {
    return decodeClips(this, clipsPlan(options, this.streams));
  }

  /**
   * Closes the decoders that were opened from it, whose calls end with E_CLOSED, and lets go of the source, which stays the caller's.
   * Idempotent.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#media.close();
    await this.#closed;
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a file on a shared pool that is made on first use and never keeps the process alive. Looks into its streams as ffprobe does: at
 * their headers and first packets. Rejects with E_NOT_FOUND, E_ACCESS, E_NOT_A_FILE, E_IO, E_TIMEOUT, E_HTTP, E_SOURCE_CHANGED,
 * E_UNSUPPORTED_FORMAT, E_INVALID_DATA, E_LIMIT, E_CLOSED or E_ADDON; with the signal's reason when aborted; a FramepoolTypeError for misuse.
 */
export async function open(source: MediaSource, options: OpenOptions = {}): Promise<Media> {
  return new Media(await openMediaOn(new LocalPool(defaultResources()), source, options));
}

function withoutReading<O extends object>(options: O): O {
  if (!("readTimeoutMs" in options) || options.readTimeoutMs === undefined) return options;
  throw argumentError("options.readTimeoutMs", "none: that is said where the file is opened", options.readTimeoutMs);
}
