import type { SharedPiece } from "../sources/byte-source.js";
import type {
  AudioClipsJob,
  AudioClipsResult,
  AudioInfo,
  DecodeAudioJob,
  DecodedRange,
  OpenAudioJob,
} from "./audio.js";
import type { ChannelRef } from "./channel.js";
import type { ClipSampler } from "./clip-plan.js";
import type { StreamInfo } from "./stream-info.js";
import type { OutputRequest, OutputSpec } from "./output.js";
import type { Selection } from "./selection.js";
import type { WorkerVersions } from "./versions.js";
import type { WireError } from "./wire-error.js";

/** Where a worker gets the bytes. `identity` (device:inode:size:mtime) is checked when the file is opened again. */
export type SourceRef =
  | { readonly kind: "file"; readonly path: string; readonly identity: string | undefined }
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

export interface OpenSpec {
  /** -1: FFmpeg's best video stream. */
  readonly streamIndex: number;
  readonly maxPixels: number;
  readonly maxStreams: number;
  readonly maxIndexPackets: number;
  /** To decode besides the usual. */
  readonly codecs: readonly string[];
}

/** What every job carries: all that it takes to do it in a worker that never saw the file. */
export interface JobBase {
  /** Readers with the same key are the same; undefined: opened for this job alone. */
  readonly readerKey: string | undefined;
  readonly source: SourceRef;
  readonly open: OpenSpec;
  /** Bytes of a channel's source that were fetched for this job, ascending. */
  readonly fetched?: readonly SharedPiece[];
}

export type OnError = "throw" | "skip" | "nearest";
export const onErrorCodes: Readonly<Record<OnError, number>> = { throw: 0, skip: 1, nearest: 2 };

/** How a row of a batch came about: `damaged` was concealed by the decoder, `nearest` is another frame, `skipped` is zeros. */
export type FrameStatus = "ok" | "damaged" | "nearest" | "skipped";
/** By the native layer's numbers. */
export const frameStatuses: readonly FrameStatus[] = ["ok", "damaged", "nearest", "skipped"];

/** Opens the file and, unless one is given, makes its frame index when `wantIndex` says so. */
export interface OpenJob extends JobBase {
  readonly kind: "open";
  readonly index: SharedArrayBuffer | undefined;
  /** `cheap`: only where it costs no reading of media (MP4's sample table). */
  readonly wantIndex: "exact" | "cheap";
}

export interface OpenResult {
  readonly info: StreamInfo;
  readonly index: SharedArrayBuffer | undefined;
}

/** Frames that several requests wait for, in one pass: each frame goes to a row of its request's memory. */
export interface SharedPass {
  /** By target: which request it is for, as a place in `outputs`, and the row there. */
  readonly owners: Int32Array;
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

/** Decodes frames of an indexed stream. `targets` ascend; equal ones are decoded once. */
export interface DecodeJob extends JobBase, SharedPass {
  readonly kind: "decode";
  readonly index: SharedArrayBuffer;
  readonly targets: Int32Array;
  readonly onError: OnError;
  /** The next job goes on where this one ends: nothing is held back to finish early. */
  readonly moreFollows: boolean;
  /** FFmpeg's own threads, inside the worker. */
  readonly threads: number;
}

export interface DecodeResult {
  /** By target: its status (see frameStatuses) and the frame that its row holds. */
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
  readonly failures: readonly RequestFailure[];
}

/** Decodes by time, without an index: for each target the first frame at or after it. */
export interface DecodeTimesJob extends JobBase, SharedPass {
  readonly kind: "decodeTimes";
  /** In the stream's time base, ascending. */
  readonly targets: BigInt64Array;
  /** By target: the number that was reckoned into it. */
  readonly frames: Int32Array;
  readonly onError: OnError;
  /** How far from its target a frame may be and still be the one that was meant. */
  readonly tolerance: number;
}

export interface DecodeTimesResult {
  /** By target: see frameStatuses. */
  readonly status: Uint8Array;
  readonly failures: readonly RequestFailure[];
  readonly pts: BigInt64Array;
  readonly duration: BigInt64Array;
}

/** Opens, indexes, selects and decodes in one go: what a short file of a large set needs. */
export interface ExtractJob extends JobBase {
  readonly kind: "extract";
  readonly selection: Selection;
  readonly request: OutputRequest;
  readonly onError: OnError;
  readonly maxOutputBytes: number;
  readonly threads: number;
  /** Memory to use when it is large enough; otherwise the worker makes its own. */
  readonly output: SharedArrayBuffer | undefined;
  /** Bytes that may be taken: output, and what decoding it takes. */
  readonly room: number;
}

/** It was not begun: it needs more room than it was given. */
export interface NeedsRoom {
  /** In bytes. */
  readonly needs: number;
}

export interface ExtractResult {
  /** Bytes: output, and what decoding it took. */
  readonly needed: number;
  readonly info: StreamInfo;
  readonly content: ContentSummary;
  readonly output: SharedArrayBuffer;
  /** The pixels are in the memory that came with the job. */
  readonly usedOffered: boolean;
  readonly spec: OutputSpec;
  readonly indices: Int32Array;
  readonly ptsSeconds: Float64Array;
  readonly durationSeconds: Float64Array;
  readonly status: Uint8Array;
}

/** Opens, indexes, draws clips and decodes them to where a batch wants them: one item of a data set. */
export interface ClipsJob extends JobBase, ItemClips {
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

/** Which clips of one item of a data set, of pictures or of sound, and where they go. */
export interface ItemClips extends Omit<JobBase, "open"> {
  /** Of this item's own draws. */
  readonly seeds: readonly number[];
  /** How many of its clips, from the first, are not wanted. */
  readonly skip: number;
  /** Where the wanted clips go, in order. undefined: the worker makes the memory, since size or number are not known yet. */
  readonly pieces: readonly ClipPiece[] | undefined;
  readonly maxOutputBytes: number;
}

/** Places that clips of an item fill, one after the other. */
export interface ClipPiece {
  readonly output: SharedArrayBuffer;
  /** In clips. */
  readonly first: number;
  readonly clips: number;
}

/** What a worker found out of a source that is kept open. */
export interface Learnt {
  /** Of a file: which version of which it is. */
  readonly identity: string | null;
  /** Of pictures. */
  readonly index: SharedArrayBuffer | undefined;
}

export interface ClipsResult {
  /** Where the job did not know it. */
  readonly learnt: Learnt | undefined;
  /** Where the job did not say what frames are like. */
  readonly spec: OutputSpec | undefined;
  /** Memory that the worker made: the clips, from the first row on. */
  readonly output: SharedArrayBuffer | undefined;
  /** By frame, clip after clip. */
  readonly indices: Int32Array;
  readonly ptsSeconds: Float64Array;
  readonly durationSeconds: Float64Array;
  readonly status: Uint8Array;
}

/** What an exact index says of the whole stream. Seconds. */
export interface ContentSummary {
  readonly numFrames: number;
  readonly beginSeconds: number;
  readonly endSeconds: number;
}

/** Closes readers. */
export interface DropJob {
  readonly kind: "drop";
  readonly readerKeys: readonly string[];
}

/** Loads the addon, where that was not done yet, and tells what it is. */
export interface VersionsJob {
  readonly kind: "versions";
}

export type Job =
  | OpenJob
  | DecodeJob
  | DecodeTimesJob
  | ExtractJob
  | ClipsJob
  | OpenAudioJob
  | DecodeAudioJob
  | AudioClipsJob
  | DropJob
  | VersionsJob;

/** The result type of each kind of job. */
export interface JobResults {
  readonly open: OpenResult;
  readonly decode: DecodeResult;
  readonly decodeTimes: DecodeTimesResult;
  readonly extract: ExtractResult | NeedsRoom;
  readonly clips: ClipsResult;
  readonly openAudio: AudioInfo;
  readonly decodeAudio: readonly DecodedRange[];
  readonly audioClips: AudioClipsResult;
  readonly drop: undefined;
  readonly versions: WorkerVersions;
}

/** What every worker is given at its start: memory that it shares with the pool, by slot, and its own bounds. */
export interface WorkerSetup {
  /** Tickets of jobs that are cancelled, each at its `placeOf`. */
  readonly cancelled: Int32Array;
  /** Tickets of jobs that wait behind another one and may be taken back, each at its `placeOf`. */
  readonly waiting: Int32Array;
  /** 1 while its worker has been waiting for bytes for long. */
  readonly stalled: Int32Array;
  readonly cache: { readonly readers: number; readonly bytes: number };
}

/** Where a job's ticket is. The slot's job after it has another place: it may be given before this one has begun, or ended. */
export const placeOf = (slot: number, ticket: number): number => 2 * slot + (ticket & 1);

/** What travels to the worker. */
export interface Envelope {
  readonly job: Job;
  readonly channel: ChannelRef | undefined;
  readonly slot: number;
  /** Tells the slot's jobs apart; the next job's is one more. */
  readonly ticket: number;
  /** It was given while another job ran: it begins only if its ticket still waits. */
  readonly waits: boolean;
  readonly keepLog: boolean;
}

export type Reply<K extends Job["kind"]> =
  | { readonly ok: true; readonly value: JobResults[K]; readonly log: readonly string[] }
  | { readonly ok: false; readonly error: WireError; readonly log: readonly string[] };
