import type { AudioHost } from "./audio/host.js";
import { type AudioDecoderOptions, type AudioSettings, audioSettings } from "./audio/options.js";
import type { ClipHost } from "./pool/clip-host.js";
import { type KnownSource, type MediaSource, knownSource } from "./sources/media-source.js";
import type { ExtractionHost, VideoHost } from "./video/host.js";
import { type DecoderSettings, type VideoDecoderOptions, decoderSettings } from "./video/options.js";

/**
 * What the public classes need of the pool that does the work: it may belong to this thread or to another one, at the end
 * of a port. Arguments were checked before.
 */
export interface PoolHost extends ExtractionHost {
  /** Worker threads at most; 0 while a pool in another thread has not said so. */
  readonly workers: number;
  /** Aborts with E_CLOSED when the pool is closed, or out of reach. */
  readonly closing: AbortSignal;
  openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost>;
  openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost>;
  /** Clips of a data set. */
  clips(signal: AbortSignal | undefined): Promise<ClipHost>;
  close(): Promise<void>;
}

/** Opens a video for the public class, after checking what the user passed. */
export async function openVideoOn(
  host: PoolHost,
  source: MediaSource,
  options: VideoDecoderOptions,
): Promise<VideoHost> {
  const known = knownSource(source);
  const settings = decoderSettings(options);
  options.signal?.throwIfAborted();
  return await host.openVideo(known, settings, options.signal);
}

/** The same of a sound stream. */
export async function openAudioOn(
  host: PoolHost,
  source: MediaSource,
  options: AudioDecoderOptions,
): Promise<AudioHost> {
  const known = knownSource(source);
  const settings = audioSettings(options);
  options.signal?.throwIfAborted();
  return await host.openAudio(known, settings, options.signal);
}
