import type { AudioInfo } from "../src/protocol/audio.js";
import type { FileNumbers } from "../src/protocol/file-identity.js";
import type { FilePath } from "../src/protocol/file-path.js";
import type { MaybeImage, WrittenImage } from "../src/protocol/image-jobs.js";
import type { ChapterInfo, ContainedStream, MediaInfo } from "../src/protocol/media.js";
import type { NativeLayout, StreamInfo } from "../src/protocol/stream-info.js";
import type { WorkerVersions } from "../src/protocol/versions.js";
import { libc, reportedGlibc } from "./libc.js";
import { loadAddon, platformName } from "./load.js";

/** An opened file. One thread for each; every method throws Error with `code`. */
export interface NativeFile {
  /** Of the file that it has open, null for memory. */
  identity(): FileNumbers | null;
  logTail(): string[];
  logAll(): string[];
  close(): void;
}

/** One that is kept from job to job. Typed arrays may lie over shared memory. */
export interface NativeReaderBase extends NativeFile {
  /** Another job starts: it is cancelled once `flags[place]` is its ticket. */
  begin(flags: Int32Array, place: number, ticket: number, keepLog: boolean): void;
  /** The bytes that a job brings; only for a reader that was opened with `read`. */
  supply(input: NativeInput): void;
}

/** Key, value, key, value. */
export type NativeTags = readonly string[];

type WithNativeTags<T> = Omit<T, "tags"> & { readonly tags: NativeTags };

/** Reads all that it tells when it is made. */
export interface NativeContainer extends NativeFile {
  info(): Omit<MediaInfo, "tags" | "chapters" | "streams"> & {
    readonly tags: NativeTags;
    readonly chapters: readonly WithNativeTags<ChapterInfo>[];
    readonly streams: readonly WithNativeTags<ContainedStream>[];
  };
}

export interface NativeReader extends NativeReaderBase {
  info(): StreamInfo;
  /** Makes the exact index; returns the bytes that takeIndex needs. */
  buildIndex(): number;
  takeIndex(target: Uint8Array): void;
  /** The index in use as bytes to keep. */
  saveIndex(): Uint8Array;
  /** The same of a saved one; E_INDEX when it does not fit. */
  restoreIndex(saved: Uint8Array): number;
  useIndex(index: Uint8Array): void;
  /** By number, ascending; each in memory of its own. */
  readPackets(packets: Int32Array): { data: Uint8Array<ArrayBuffer>[]; durations: BigInt64Array };
  decode(request: NativeDecodeRequest & NativeTarget): void;
  decodeTimes(request: NativeTimesRequest & NativeTarget): void;
  takeStats(): { packets: number; pictures: number; seeks: number };
}

export interface NativeAudioReader extends NativeReaderBase {
  info(): AudioInfo;
  /** Decodes the samples at places [begin, end), counted at the output rate; take() hands them out. */
  decode(begin: number, end: number, maxBytes: number): NativeRange;
  /** `target`: exactly a row of `count` samples for each channel. */
  take(target: Float32Array): void;
}

export interface NativeRange {
  readonly count: number;
  readonly begin: number;
  readonly next: number;
  readonly ended: boolean;
  readonly skipped: number;
  readonly skippedBehind: number;
}

export interface NativeAudioOptions {
  readonly streamIndex: number;
  readonly maxPixels: number;
  readonly maxStreams: number;
  readonly maxIndexPackets: number;
  readonly formats: string;
  readonly codecs: string;
  readonly sampleRate: number;
  readonly numChannels: number;
  readonly approximate: boolean;
  readonly skipDamage: boolean;
  readonly fillGaps: boolean;
}

/** Pictures as pixels in rows of memory. */
export interface NativeOutput extends NativePixels {
  readonly rows: Int32Array;
  readonly output: Uint8Array;
}

/** Pictures as files, each put at its target's place; what cannot be decoded leaves a hole. */
export interface NativeImages extends NativePixels {
  readonly imageFormat: number;
  /** 1 to 100. */
  readonly quality: number;
  readonly images: MaybeImage[];
  /** Gets each picture instead, the first `length` of `bytes`, which the next one overwrites; what it returns is put there. */
  readonly write?: (bytes: Uint8Array, length: number, target: number) => WrittenImage;
}

export type NativeTarget = NativeOutput | NativeImages;

/** What pictures are made, whatever becomes of them. */
export interface NativePixels {
  readonly format: number;
  /** For native: FFmpeg's name of the pictures' own; otherwise empty. */
  readonly nativeFormat: string;
  readonly type: number;
  readonly layout: number;
  /** Of the picture before the steps; for native, as stored. */
  readonly width: number;
  readonly height: number;
  /** Of pictures of high dynamic range, which are mapped to standard range: candela per square metre. 0: they are not. */
  readonly toneMapPeak: number;
  /** See nativeSteps(). */
  readonly steps: Int32Array;
  /** For each channel, or empty. */
  readonly mean: Float32Array;
  readonly std: Float32Array;
  readonly frameBytes: number;
}

interface NativeRequest {
  /** FFmpeg's own, inside this reader. */
  readonly threads: number;
  readonly onError: number;
  readonly status: Uint8Array;
}

export interface NativeDecodeRequest extends NativeRequest {
  readonly targets: Int32Array;
  readonly moreFollows: boolean;
  readonly delivered: Int32Array;
}

export interface NativeTimesRequest extends NativeRequest {
  readonly targets: BigInt64Array;
  /** How far from its target, in the stream's time base, a frame may be and still be the one that was meant. */
  readonly tolerance: number;
  readonly pts: BigInt64Array;
  readonly duration: BigInt64Array;
}

/** Bytes that lie in shared memory: `pieces` ascend by their `positions`, and `data` is where `read` puts more. */
export interface NativeInput {
  readonly data: Uint8Array;
  readonly positions: Float64Array;
  readonly pieces: readonly Uint8Array[];
}

/** Bytes that JavaScript fetches: `read` returns how many lie in `data` now, -1 failed, -2 cancelled. It never throws. */
export interface NativeChannelSource extends NativeInput {
  readonly size: number;
  readonly read: (position: number, length: number) => number;
}

export type NativeSource = { path: FilePath } | { descriptor: number } | { bytes: Uint8Array } | NativeChannelSource;

export interface NativeOptions {
  readonly streamIndex: number;
  readonly maxPixels: number;
  readonly maxStreams: number;
  readonly maxIndexPackets: number;
  readonly formats: string;
  readonly codecs: string;
}

export interface NativeBinding {
  /** Opens the source for a job, as if begun with begin(). */
  MediaReader: new (
    source: NativeSource,
    options: NativeOptions,
    flags: Int32Array,
    place: number,
    ticket: number,
    keepLog: boolean,
  ) => NativeReader;
  AudioReader: new (
    source: NativeSource,
    options: NativeAudioOptions,
    flags: Int32Array,
    place: number,
    ticket: number,
    keepLog: boolean,
  ) => NativeAudioReader;
  ContainerReader: new (
    source: NativeSource,
    options: NativeOptions,
    flags: Int32Array,
    place: number,
    ticket: number,
    keepLog: boolean,
  ) => NativeContainer;
  nativeLayout(pixelFormat: string, width: number, height: number): NativeLayout;
  /** Returns memory to the system when about so many bytes were freed since the last time; takes milliseconds. */
  trimHeap(bytes: number): void;
  readonly ffmpegVersion: string;
  readonly ffmpegConfiguration: string;
  readonly ffmpegLicense: string;
}

/** Loads the addon on first use, so that a worker whose addon is missing can still answer with the error. */
export function binding(): NativeBinding {
  return loadAddon().binding as NativeBinding;
}

/** What runs in this thread, and where it came from. */
export function loadedVersions(): WorkerVersions {
  const { from, path, tried } = loadAddon();
  const { ffmpegVersion, ffmpegConfiguration, ffmpegLicense } = binding();
  return {
    platform: platformName,
    libc: libc === "glibc" ? `glibc ${reportedGlibc() ?? "unknown"}` : (libc ?? null),
    addon: { from, path, notLoaded: tried.map(({ from: other, error }) => `${other}: ${String(error)}`) },
    ffmpeg: { version: ffmpegVersion, configuration: ffmpegConfiguration, license: ffmpegLicense },
  };
}
