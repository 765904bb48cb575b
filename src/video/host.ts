import type { AheadBytes } from "../pool/ahead-bytes.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import type { Encoding } from "../protocol/image.js";
import type { Selection } from "../protocol/selection.js";
import type { NeedsRoom, PacketRows } from "../protocol/video.js";
import type { KnownSource } from "../sources/media-source.js";
import type { Decoded } from "./frame-request.js";
import type { ImageRows } from "./images/encoded-image.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { DecoderSettings } from "./options.js";

/** An opened video. What is decoded is the caller's to release. */
export interface VideoHost {
  readonly metadata: VideoStreamMetadata;
  /** How a person would name the source. */
  readonly label: string;
  /** undefined in approximate mode where an index would have cost reading. */
  readonly index: FrameIndex | undefined;
  /** Frames by number, in the order of `wanted`. */
  decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded>;
  /** Frames piece by piece, in the order of `wanted`, decoded ahead: `size` of them each, or as many as fit. */
  frames(
    wanted: Int32Array,
    size: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Decoded, void, undefined>;
  /** Images of frames in any order, as they are ready, encoded ahead. */
  images(
    wanted: Int32Array,
    encoding: Encoding,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ImageRows, void, undefined>;
  /** Packets of an indexed stream by number, ascending, read ahead. */
  packets(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<PacketRows, void, undefined>;
  /** The index as bytes to keep. */
  saveIndex(signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>>;
  /** Ends what is under way with E_CLOSED. */
  close(): Promise<void>;
}

/** What an extraction needs of a pool. */
export interface ExtractionHost {
  /** Worker threads at most; known once `ahead` has answered. */
  readonly workers: number;
  /** What is decoded ahead on this pool. Rejects when it is out of reach, or with the signal's reason. */
  ahead(signal: AbortSignal | undefined): Promise<AheadBytes>;
  /** A file that is opened, decoded and closed in one task. */
  extract(request: FileRequest, settings: DecoderSettings, signal: AbortSignal): Promise<ExtractedFrames | NeedsRoom>;
  extractImages(
    request: FileRequest,
    settings: DecoderSettings,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<ExtractedImages | NeedsRoom>;
}

export interface FileRequest {
  readonly source: KnownSource;
  readonly selection: Selection;
  /** Where its workers write encoded pictures. */
  readonly folder: string | undefined;
  /** Among the extraction's requests, from 0: random transforms are drawn by it. */
  readonly position: number;
  /** Bytes that the request may take while it is decoded; what needs more is not begun. */
  readonly room: number;
  /** Bytes of the last batch: free memory of that size goes with the request. */
  readonly usual: number;
}

export interface ExtractedFrames {
  readonly metadata: VideoStreamMetadata;
  readonly decoded: Decoded;
  /** Bytes that it took while it was decoded. */
  readonly needed: number;
}

export interface ExtractedImages {
  readonly metadata: VideoStreamMetadata;
  readonly encoded: ImageRows;
  /** Bytes that it took while it was decoded. */
  readonly needed: number;
}
