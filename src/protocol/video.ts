import type { ClipSampler } from "./clip-plan.js";
import type { ContentSummary } from "./frame-index.js";
import type { ItemClips, Learnt } from "./item-clips.js";
import type { JobBase, OpenSpec } from "./job-base.js";
import type { OutputRequest, OutputSpec } from "./output.js";
import type { Rows } from "./rows.js";
import type { Selection } from "./selection.js";
import type { StreamInfo } from "./stream-info.js";
import type { WireError } from "./wire-error.js";

/** What every job for pictures carries. */
export interface VideoJobBase extends JobBase {
  readonly open: OpenSpec;
}

/** What a frame that cannot be decoded does: throw, be left out, or be replaced by the nearest that can. */
export type OnError = "throw" | "skip" | "nearest";
export const onErrorCodes: Readonly<Record<OnError, number>> = { throw: 0, skip: 1, nearest: 2 };

/**
 * How a row of a batch came about. `damaged`: the decoder complained of the picture, or of one before it that it may refer to, up
 * to where decoding can begin again; it may look right all the same. `nearest` is another frame, `skipped` is zeros.
 */
export type FrameStatus = "ok" | "damaged" | "nearest" | "skipped";
/** By the native layer's numbers. */
export const frameStatuses: readonly FrameStatus[] = ["ok", "damaged", "nearest", "skipped"];

/** A job that needs the stream's index, which may have been kept, or is to be. */
export interface IndexedJob extends VideoJobBase {
  /** Takes the place of one that would have to be made. `strict`: E_INDEX where it does not fit; otherwise one is made. */
  readonly saved: { readonly bytes: Uint8Array; readonly strict: boolean } | undefined;
  /** Whether one that was made, and took reading, is wanted as bytes to keep. */
  readonly keep: boolean;
}

/** What an indexed job gives beside its own. */
export interface MadeIndex {
  /** An index as bytes to keep. */
  readonly made: Uint8Array | undefined;
}

/** Opens the file and, unless one is given, makes its frame index when `wantIndex` says so. */
export interface OpenJob extends IndexedJob {
  readonly kind: "open";
  readonly index: SharedArrayBuffer | undefined;
  /** `cheap`: only where it costs no reading of media (MP4's sample table). */
  readonly wantIndex: "exact" | "cheap" | "none";
}

export interface OpenResult extends MadeIndex {
  readonly info: StreamInfo;
  readonly index: SharedArrayBuffer | undefined;
}

/** An index as bytes to keep. */
interface SaveIndexJob extends VideoJobBase {
  readonly kind: "saveIndex";
  readonly index: SharedArrayBuffer;
}

/** Reads packets of an indexed stream, by number, ascending, without decoding them. */
interface PacketsJob extends VideoJobBase {
  readonly kind: "packets";
  readonly index: SharedArrayBuffer;
  readonly packets: Int32Array;
}

export interface PacketsResult {
  readonly data: readonly Uint8Array<ArrayBuffer>[];
  /** In the stream's time base; 0 where the container does not say. */
  readonly durations: BigInt64Array;
}

/** Packets with their numbers. */
export interface PacketRows extends PacketsResult {
  readonly packets: Int32Array;
}

/** Frames that several requests wait for, in one pass: each frame goes to a row of its request's memory. */
export interface SharedPass {
  /** Targets that follow each other and are for one request, by such run: which request, as a place in `outputs`, and where the run ends. */
  readonly owners: Int32Array;
  readonly ends: Int32Array;
  /** By target: the row in its request's memory. */
  readonly rows: Int32Array;
  readonly outputs: readonly SharedArrayBuffer[];
  /** In memory that is shared, by request: not 0 once nobody waits for it any more. */
  readonly abandoned: Uint8Array;
  readonly spec: OutputSpec;
}

/** A request of a pass that failed by itself; the others did not. */
export interface RequestFailure {
  readonly owner: number;
  readonly error: WireError;
}

/** Of frames of an indexed stream. `targets` ascend; equal ones are decoded once. */
export interface IndexedTargets extends VideoJobBase {
  readonly index: SharedArrayBuffer;
  readonly targets: Int32Array;
  readonly onError: OnError;
  /** The next job goes on where this one ends: nothing is held back to finish early. */
  readonly moreFollows: boolean;
  /** FFmpeg's own threads, inside the worker. */
  readonly threads: number;
}

export interface DecodeJob extends IndexedTargets, SharedPass {
  readonly kind: "decode";
}

export interface DecodeResult {
  /** By target: its status (see frameStatuses) and the frame that its row holds. */
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
  readonly failures: readonly RequestFailure[];
}

/** Of frames by time, without an index: for each target the first frame at or after it. */
export interface TimedTargets extends VideoJobBase {
  /** In the stream's time base, ascending. */
  readonly targets: BigInt64Array;
  /** By target: the number that was reckoned into it. */
  readonly frames: Int32Array;
  readonly onError: OnError;
  /** How far from its target a frame may be and still be the one that was meant. */
  readonly tolerance: number;
}

export interface DecodeTimesJob extends TimedTargets, SharedPass {
  readonly kind: "decodeTimes";
}

/** By target: its status (see frameStatuses), and the time of the frame that came, in the stream's time base. */
export interface TimedResult {
  readonly status: Uint8Array;
  readonly pts: BigInt64Array;
  readonly duration: BigInt64Array;
}

export interface DecodeTimesResult extends TimedResult {
  readonly failures: readonly RequestFailure[];
}

/** Opens, indexes, selects and decodes in one go: what a short file of a large set needs. */
export interface ExtractJob extends ExtractBase {
  readonly kind: "extract";
  /** Memory to use when it is large enough; otherwise the worker makes its own. */
  readonly output: SharedArrayBuffer | undefined;
}

export interface ExtractBase extends IndexedJob {
  readonly selection: Selection;
  readonly request: OutputRequest;
  readonly onError: OnError;
  readonly maxOutputBytes: number;
  readonly threads: number;
  /** Bytes that may be taken: output, and what decoding it takes. */
  readonly room: number;
}

/** It was not begun: it needs more room than it was given. */
export interface NeedsRoom {
  /** In bytes. */
  readonly needs: number;
}

/** The same as a job's result. */
export interface NotBegun extends NeedsRoom, MadeIndex {}

export interface ExtractResult extends ExtractedRows {
  readonly output: SharedArrayBuffer;
  /** The pixels are in the memory that came with the job. */
  readonly usedOffered: boolean;
}

export interface ExtractedRows extends MadeIndex {
  /** Bytes: output, and what decoding it took. */
  readonly needed: number;
  readonly info: StreamInfo;
  readonly content: ContentSummary;
  readonly spec: OutputSpec;
  readonly rows: Rows;
}

/** Opens, indexes, draws clips and decodes them to where a batch wants them: one item of a data set. */
export interface ClipsJob extends IndexedJob, ItemClips {
  readonly kind: "clips";
  readonly sampler: ClipSampler;
  readonly request: OutputRequest;
  /** Frames of another shape are the error E_FRAME_SIZE; undefined: the first item's decide. */
  readonly frameShape: readonly number[] | undefined;
  /** The same of native frames of another format. */
  readonly nativeFormat: string | undefined;
  /** Of the file at some time: its index is of use if it still is what it was. */
  readonly known: Learnt | undefined;
  readonly threads: number;
}

export interface ClipsResult extends MadeIndex {
  /** Where the job did not know it. */
  readonly learnt: Learnt | undefined;
  /** Where the job did not say what frames are like. */
  readonly spec: OutputSpec | undefined;
  /** Memory that the worker made: the clips, from the first row on. */
  readonly output: SharedArrayBuffer | undefined;
  /** By frame, clip after clip. */
  readonly rows: Rows;
}

/** Jobs for pictures, and what comes of each. */
export interface VideoJobs {
  readonly open: [OpenJob, OpenResult];
  readonly saveIndex: [SaveIndexJob, Uint8Array];
  readonly packets: [PacketsJob, PacketsResult];
  readonly decode: [DecodeJob, DecodeResult];
  readonly decodeTimes: [DecodeTimesJob, DecodeTimesResult];
  readonly extract: [ExtractJob, ExtractResult | NotBegun];
  readonly clips: [ClipsJob, ClipsResult];
}
