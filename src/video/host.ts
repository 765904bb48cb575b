import type { AudioHost } from "../audio/host.js";
import type { AudioSettings } from "../audio/options.js";
import type { VideoStreamMetadata } from "./metadata.js";
import { type DecoderSettings, type VideoDecoderOptions, decoderSettings } from "../options.js";
import type { AheadBytes } from "../pool/ahead-bytes.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import type { NeedsRoom } from "../protocol/job.js";
import type { Selection } from "../protocol/selection.js";
import { type KnownSource, type MediaSource, knownSource } from "../sources/media-source.js";
import type { ClipHost } from "../pool/clip-host.js";
import type { Decoded } from "./frame-request.js";

/**
 * What the public classes need of the pool that does the work: it may belong to this thread or to another one, at the end
 * of a port. Arguments were checked before.
 */
export interface PoolHost {
  /** Worker threads at most; 0 while a pool in another thread has not said so. */
  readonly workers: number;
  /** Aborts with E_CLOSED when the pool is closed, or out of reach. */
  readonly closing: AbortSignal;
  openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost>;
  openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost>;
  /** Files that are each opened, decoded and closed in one task, with the same settings. */
  startExtraction(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<ExtractionHost>;
  /** Clips of a data set. */
  clips(signal: AbortSignal | undefined): Promise<ClipHost>;
  close(): Promise<void>;
}

/** An opened video. What is decoded is the caller's to release. */
export interface VideoHost {
  readonly metadata: VideoStreamMetadata;
  /** How a person would name the source. */
  readonly label: string;
  /** undefined in approximate mode where an index would have cost reading. */
  readonly index: FrameIndex | undefined;
  /** Frames by number, in the order of `wanted`. */
  decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded>;
  /** Ascending frames piece by piece, decoded ahead. */
  stream(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<Decoded, void, undefined>;
  /** Ends what is under way with E_CLOSED. */
  close(): Promise<void>;
}

export interface ExtractionHost {
  readonly workers: number;
  /** What is decoded ahead on the same pool. */
  readonly ahead: AheadBytes;
  extract(request: FileRequest, signal: AbortSignal): Promise<ExtractedFrames | NeedsRoom>;
  end(): void;
}

export interface FileRequest {
  readonly source: KnownSource;
  readonly selection: Selection;
  /** Among the extraction's requests, from 0: random transforms are drawn by it. */
  readonly position: number;
  /** Bytes that the request may take while it is decoded; what needs more is not begun. */
  readonly room: number;
}

export interface ExtractedFrames {
  readonly metadata: VideoStreamMetadata;
  readonly decoded: Decoded;
  /** Bytes that it took while it was decoded. */
  readonly needed: number;
}

/** Opens a video for the public class, after checking what the user passed. */
export async function openOn(host: PoolHost, source: MediaSource, options: VideoDecoderOptions): Promise<VideoHost> {
  const known = knownSource(source);
  const settings = decoderSettings(options);
  options.signal?.throwIfAborted();
  return await host.openVideo(known, settings, options.signal);
}
