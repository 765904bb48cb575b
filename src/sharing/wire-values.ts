// What a client and the thread that owns the pool tell each other of what is open there, and of what came of it.
import type { AudioHost, DecodedSamples } from "../audio/host.js";
import type { MediaHost } from "../pool-host.js";
import type { ClipHost, ClipSource } from "../pool/clip-host.js";
import type { Lease } from "../pool/output-memory.js";
import type { Decoded } from "../video/frame-request.js";
import type { ExtractedFrames, FileRequest, VideoHost } from "../video/host.js";
import type { WireSource } from "./wire-source.js";

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
