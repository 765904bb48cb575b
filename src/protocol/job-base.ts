import type { SharedPiece } from "./bytes.js";
import type { FilePath } from "./file-path.js";

/** Where a worker gets the bytes. `identity` (device:inode:size:mtime) is checked when the file is opened again. */
export type SourceRef =
  | { readonly kind: "file"; readonly path: FilePath; readonly identity: string | undefined }
  /** Somebody else's open file: the worker reads it through a copy of the descriptor. */
  | { readonly kind: "descriptor"; readonly descriptor: number; readonly identity: string }
  | { readonly kind: "memory"; readonly buffer: SharedArrayBuffer; readonly offset: number; readonly length: number }
  | ChannelSourceRef;

/** A source of another thread, which the envelope's channel leads to. */
export interface ChannelSourceRef {
  readonly kind: "channel";
  /** The server's. */
  readonly id: number;
  readonly size: number;
  /** How long a worker waits for a thread that does not answer at all. */
  readonly patienceMs: number;
}

/** What every job carries: all that it takes to do it in a worker that never saw the file. */
export interface JobBase {
  /** Readers with the same key are the same; undefined: opened for this job alone. */
  readonly readerKey: string | undefined;
  readonly source: SourceRef;
  /** Bytes of a channel's source that were fetched for this job, ascending. */
  readonly fetched?: readonly SharedPiece[];
}

/** How a file is opened. */
export interface OpenSpec {
  /** -1: FFmpeg's best stream of the kind. */
  readonly streamIndex: number;
  readonly maxPixels: number;
  readonly maxStreams: number;
  readonly maxIndexPackets: number;
  /** To decode besides the usual. */
  readonly codecs: readonly string[];
}
