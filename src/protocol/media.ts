import type { JobBase, OpenSpec } from "./job-base.js";
import type { Ratio, StatedPicture } from "./stream-info.js";

/** Looks into all streams of a file and chooses none. */
export interface DescribeJob extends JobBase {
  readonly kind: "describe";
  readonly open: OpenSpec;
}

export type Tags = Readonly<Record<string, string>>;

/** What a container says of itself and of its streams; null where it does not. Seconds. */
export interface MediaInfo {
  readonly container: string;
  readonly beginSeconds: number | null;
  readonly durationSeconds: number | null;
  readonly bitRate: number | null;
  readonly tags: Tags;
  readonly chapters: readonly ChapterInfo[];
  readonly streams: readonly ContainedStream[];
}

export interface ChapterInfo {
  readonly beginSeconds: number;
  readonly endSeconds: number;
  readonly tags: Tags;
}

export interface ContainedStream {
  readonly index: number;
  /** FFmpeg's: "video", "audio", "subtitle", "data", "attachment". */
  readonly kind: string | null;
  readonly codec: string | null;
  readonly profile: string | null;
  readonly timeBase: Ratio | null;
  readonly beginSeconds: number | null;
  readonly durationSeconds: number | null;
  readonly bitRate: number | null;
  readonly numFrames: number | null;
  /** FFmpeg's names. */
  readonly disposition: readonly string[];
  readonly tags: Tags;
  readonly picture: PictureFacts | null;
  readonly sound: SoundFacts | null;
}

export interface PictureFacts extends StatedPicture {
  readonly codedWidth: number | null;
  readonly codedHeight: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly bitDepth: number | null;
  readonly masteringDisplay: MasteringDisplay | null;
  readonly contentLight: ContentLight | null;
  readonly dolbyVision: DolbyVision | null;
}

/** Of the display that a film was graded on, in candela per square metre. */
export interface MasteringDisplay {
  /** Of its black. */
  readonly minLuminance: number;
  /** Of its white. */
  readonly maxLuminance: number;
}

/** Of a film, in candela per square metre: its brightest pixel, and its brightest frame on average. */
export interface ContentLight {
  /** Of the brightest pixel (MaxCLL). */
  readonly maxContent: number;
  /** Of the frame that is brightest on average (MaxFALL). */
  readonly maxFrameAverage: number;
}

/** What a Dolby Vision stream says of itself. */
export interface DolbyVision {
  /** 4, 5, 7, 8, ...: which codec, and whether there is an enhancement layer. */
  readonly profile: number;
  /** From 1 on: how large and how fast pictures may be. */
  readonly level: number;
  /** What its base layer can be shown as without Dolby Vision: 1 HDR10, 2 SDR, 4 HLG, 0 nothing. */
  readonly compatibility: number;
}

interface SoundFacts {
  readonly sampleRate: number | null;
  readonly numChannels: number | null;
  readonly channelLayout: string | null;
  readonly sampleFormat: string | null;
}

export interface MediaJobs {
  readonly describe: [DescribeJob, MediaInfo];
}
