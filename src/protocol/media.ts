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
  /** Among all streams of the file: what `streamIndex` takes. */
  readonly index: number;
  /** FFmpeg's: "video", "audio", "subtitle", "data", "attachment". */
  readonly kind: string | null;
  /** FFmpeg's name of the codec: "h264". */
  readonly codec: string | null;
  /** FFmpeg's name: "High", "LC". */
  readonly profile: string | null;
  /** Seconds in a tick of the stream's own times. */
  readonly timeBase: Ratio | null;
  /** When its first packet is played. */
  readonly beginSeconds: number | null;
  /** As the header states it. */
  readonly durationSeconds: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  readonly numFrames: number | null;
  /** FFmpeg's names of what it is for: "default", "forced", "comment", "hearing_impaired", "attached_pic", ... */
  readonly disposition: readonly string[];
  /** Of the stream, by the names that the container has for them. */
  readonly tags: Readonly<Record<string, string>>;
  readonly picture: PictureFacts | null;
  readonly sound: SoundFacts | null;
}

/** What containers state of pictures; null where they do not. */
export interface ContainedPicture {
  /** In pixels, of the picture as decoded, before it is turned. */
  readonly codedWidth: number | null;
  /** In pixels, of the picture as decoded, before it is turned. */
  readonly codedHeight: number | null;
  /** Of the picture as displayed, turned as the container says; what only the pictures say is in a decoder's metadata. */
  readonly width: number | null;
  /** In pixels, as `width`. */
  readonly height: number | null;
  /** Of a component. */
  readonly bitDepth: number | null;
  /** Of HDR: the display that it was graded on. */
  readonly masteringDisplay: MasteringDisplay | null;
  /** Of HDR: how bright the film is. */
  readonly contentLight: ContentLight | null;
  /** Where the stream has a configuration of Dolby Vision. */
  readonly dolbyVision: DolbyVision | null;
}

export type PictureFacts = StatedPicture & ContainedPicture;

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

export interface SoundFacts {
  /** Samples a second of each channel. */
  readonly sampleRate: number | null;
  /** Channels, as the header states them. */
  readonly numChannels: number | null;
  /** FFmpeg's name: "stereo", "5.1(side)". */
  readonly channelLayout: string | null;
  /** FFmpeg's name of what the decoder gives: "fltp", "s16". */
  readonly sampleFormat: string | null;
}

export interface MediaJobs {
  readonly describe: [DescribeJob, MediaInfo];
}
