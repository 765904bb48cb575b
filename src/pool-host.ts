import type { AudioHost } from "./audio/host.js";
import { checkSignal, knownKeys, readTimeout } from "./arguments.js";
import { askedHere } from "./errors.js";
import { type AudioDecoderOptions, type AudioSettings, audioSettings } from "./audio/options.js";
import type { ClipHost } from "./pool/clip-host.js";
import type { PoolStats } from "./pool/stats.js";
import type { MediaInfo } from "./protocol/media.js";
import { type KnownSource, type MediaSource, type OpenOptions, knownSource } from "./sources/media-source.js";
import type { DType } from "./protocol/output.js";
import type { ExtractionHost, VideoHost } from "./video/host.js";
import { type DecoderSettings, type VideoDecoderOptions, decoderSettings } from "./video/options.js";

/**
 * @internal What the public classes need of the pool that does the work: it may belong to this thread or to another one, at the end
 * of a port. Arguments were checked before.
 */
export interface PoolHost extends ExtractionHost {
  /** Worker threads at most; 0 while a pool in another thread has not said so. */
  readonly workers: number;
  /** Throws FramepoolTypeError where the pool is another thread's. */
  readonly stats: PoolStats;
  /** Aborts with E_CLOSED when the pool is closed, or out of reach. */
  readonly closing: AbortSignal;
  /** Looks into a file, and keeps its source for the decoders of its streams. `readTimeoutMs`: of one read. */
  openMedia(source: KnownSource, readTimeoutMs: number, signal: AbortSignal | undefined): Promise<MediaHost>;
  openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost>;
  openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost>;
  /** Clips of a data set. */
  clips(signal: AbortSignal | undefined): Promise<ClipHost>;
  close(): Promise<void>;
}

/** @internal An opened file. */
export interface MediaHost {
  readonly info: MediaInfo;
  /** How a person would name the source. */
  readonly label: string;
  /** Decoders of its streams, over the same source; what the settings say of reading is the file's. */
  openVideo(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost>;
  openAudio(settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost>;
  /** Closes what it opened, its decoders too. Ends what is under way with E_CLOSED. */
  close(): Promise<void>;
}

/** @internal Opens a file for the public class, after checking what the user passed. */
export async function openMediaOn(host: PoolHost, source: MediaSource, options: OpenOptions): Promise<MediaHost> {
  const known = knownSource(source);
  knownKeys("options", options, ["readTimeoutMs", "signal"]);
  const readTimeoutMs = readTimeout(options.readTimeoutMs);
  checkSignal(options.signal);
  options.signal?.throwIfAborted();
  return await askedHere(host.openMedia(known, readTimeoutMs, options.signal));
}

/** @internal Opens a video for the public class, after checking what the user passed. */
export async function openVideoOn<D extends DType>(
  host: PoolHost,
  source: MediaSource,
  options: VideoDecoderOptions<D>,
): Promise<{ readonly video: VideoHost; readonly dtype: D }> {
  const known = knownSource(source);
  const settings = decoderSettings(options);
  options.signal?.throwIfAborted();
  return { video: await askedHere(host.openVideo(known, settings, options.signal)), dtype: settings.dtype };
}

/** @internal The same of a sound stream. */
export async function openAudioOn(
  host: PoolHost,
  source: MediaSource,
  options: AudioDecoderOptions,
): Promise<AudioHost> {
  const known = knownSource(source);
  const settings = audioSettings(options);
  options.signal?.throwIfAborted();
  return await askedHere(host.openAudio(known, settings, options.signal));
}
