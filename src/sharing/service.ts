import type { AudioHost, DecodedSamples } from "../audio/host.js";
import type { AudioSettings } from "../audio/options.js";
import type { MediaHost } from "../pool-host.js";
import type { ClipHost, ClipSource, ClipSourceOptions, FrameClipsWork, SoundClipsWork } from "../pool/clip-host.js";
import type { Lease } from "../pool/output-memory.js";
import type { AudioClipsResult, SampleRange } from "../protocol/audio.js";
import type { Encoding } from "../protocol/image.js";
import type { ClipsResult, NeedsRoom, PacketRows } from "../protocol/video.js";
import type { Decoded } from "../video/frame-request.js";
import type { ExtractedFrames, ExtractedImages, FileRequest, VideoHost } from "../video/host.js";
import type { ImageRows } from "../video/images/encoded-image.js";
import type { DecoderSettings } from "../video/options.js";
import type { Answer } from "./wire-failure.js";
import type { WireSource } from "./wire-source.js";

/**
 * The commands that a client sends to the thread that owns the pool. The client numbers what it begins; the other side holds
 * what came of it (an open video, frames under way, leased memory) under that number until the client drops it. Dropping what
 * is still under way cancels it, so a client that stops waiting never has to know how far it came.
 */
export interface PoolService {
  workers(): number;
  openMedia(number: number, source: WireSource, readTimeoutMs: number): Promise<Answer<WireMedia>>;
  openVideo(number: number, source: WireSource | HeldMedia, settings: DecoderSettings): Promise<Answer<WireVideo>>;
  decode(number: number, video: number, wanted: Int32Array): Promise<Answer<WireFrames>>;
  saveIndex(number: number, video: number): Promise<Answer<Uint8Array<ArrayBuffer>>>;
  startFrames(number: number, video: number, wanted: Int32Array, size: number | undefined): void;
  /** undefined after the last piece. */
  nextFrames(number: number, frames: number): Promise<Answer<WireFrames | undefined>>;
  startImages(number: number, video: number, wanted: Int32Array, encoding: Encoding): void;
  /** undefined after the last piece. */
  nextImages(number: number, images: number): Promise<Answer<ImageRows | undefined>>;
  startPackets(number: number, video: number, wanted: Int32Array): void;
  /** undefined after the last piece. */
  nextPackets(number: number, packets: number): Promise<Answer<PacketRows | undefined>>;
  openAudio(number: number, source: WireSource | HeldMedia, settings: AudioSettings): Promise<Answer<WireAudio>>;
  decodeRange(number: number, audio: number, range: SampleRange): Promise<Answer<WireSamples>>;
  startSamples(number: number, audio: number, length: number): void;
  /** undefined after the last chunk. */
  nextSamples(number: number, samples: number): Promise<Answer<WireSamples | undefined>>;
  /** Bytes that the pool decodes ahead at most. */
  aheadBytes(number: number): Promise<Answer<number>>;
  extract(number: number, request: WireRequest, settings: DecoderSettings): Promise<Answer<WireExtracted | NeedsRoom>>;
  extractImages(
    number: number,
    request: WireRequest,
    settings: DecoderSettings,
    encoding: Encoding,
  ): Promise<Answer<ExtractedImages | NeedsRoom>>;
  clipFacts(number: number): Promise<Answer<WireClipFacts>>;
  openClips(number: number, source: WireSource, options: ClipSourceOptions): Promise<Answer<WireClipSource>>;
  /** Answered when no worker touches the work's memory any more, also once it was dropped. */
  decodeFrameClips(number: number, source: number, work: FrameClipsWork): Promise<Answer<ClipsResult>>;
  decodeSoundClips(number: number, source: number, work: SoundClipsWork): Promise<Answer<AudioClipsResult>>;
  drop(number: number): Promise<void>;
  /** Memory that somebody may still look at: let go of, never used again. */
  abandon(number: number): void;
  /** Drops everything; memory is abandoned. */
  end(): Promise<void>;
}

export interface WireRequest extends Omit<FileRequest, "source"> {
  readonly source: WireSource;
}

export interface WireClipFacts extends Pick<ClipHost, "workers" | "limits"> {
  /** Bytes that are kept for reuse as output. */
  readonly freeBytes: number;
}

export type WireClipSource = Pick<ClipSource, "isRemote">;

/** A file that the client has open, by its number. */
export interface HeldMedia {
  readonly kind: "media";
  readonly media: number;
}

export type WireMedia = Pick<MediaHost, "info" | "label">;

export interface WireVideo extends Pick<VideoHost, "metadata" | "label"> {
  readonly index: SharedArrayBuffer | undefined;
}

export type WireAudio = Pick<AudioHost, "info" | "label">;

/** What lies in leased memory: each thread has a lease of its own of that. */
export type WireLeased<T extends { readonly lease: Lease }> = Omit<T, "lease"> & { readonly memory: SharedArrayBuffer };

export type WireFrames = WireLeased<Decoded>;

export type WireSamples = WireLeased<DecodedSamples>;

export interface WireExtracted extends Omit<ExtractedFrames, "decoded"> {
  readonly frames: WireFrames;
}
