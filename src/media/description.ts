import type {
  ChapterInfo,
  ContainedStream,
  ContentLight,
  DolbyVision,
  MasteringDisplay,
  PictureFacts,
  Tags,
} from "../protocol/media.js";
import type { Ratio } from "../protocol/stream-info.js";
import type { PictureMetadata } from "./stream-metadata.js";

/** What a file says of one of its streams; null where it does not. Times in seconds on the file's clock. */
export type StreamDescription = VideoStreamDescription | AudioStreamDescription | OtherStreamDescription;

interface AnyStream {
  /** Among all streams of the file: what `streamIndex` takes. */
  readonly index: number;
  /** FFmpeg's name of the codec: "h264". */
  readonly codec: string | null;
  /** FFmpeg's name: "High", "LC". */
  readonly profile: string | null;
  /** As the file has it, mostly ISO 639-2: "eng"; null for "und". */
  readonly language: string | null;
  /** As the file names the stream. */
  readonly title: string | null;
  /** FFmpeg's names of what it is for: "default", "forced", "comment", "hearing_impaired", "attached_pic", ... */
  readonly disposition: readonly string[];
  /** Of the stream, by the names that the container has for them. */
  readonly tags: Readonly<Record<string, string>>;
  /** When its first packet is played. */
  readonly beginSeconds: number | null;
  /** As the header states it. */
  readonly durationSeconds: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  /** As the header counts them: pictures, or packets of sound. */
  readonly numFramesFromHeader: number | null;
  /** Seconds in a tick of the stream's own times. */
  readonly timeBase: Ratio | null;
}

/** A stream of pictures, a cover included. */
export interface VideoStreamDescription extends AnyStream, PictureMetadata {
  /** Pictures. */
  readonly kind: "video";
  /** A picture that belongs to the file, such as an album's, and no film: chosen only when asked for, or where there is no other. */
  readonly isCover: boolean;
  /** Of the picture as displayed, turned as the container says; what only the pictures say is in a decoder's metadata. */
  readonly width: number | null;
  /** In pixels, as `width`. */
  readonly height: number | null;
  /** In pixels, of the picture as decoded, before it is turned. */
  readonly codedWidth: number | null;
  /** In pixels, of the picture as decoded, before it is turned. */
  readonly codedHeight: number | null;
  /** Of a component. */
  readonly bitDepth: number | null;
  /** Frames a second, as the header states them. */
  readonly averageFps: number | null;
  /** By its transfer characteristic: "pq" (SMPTE ST 2084: HDR10, Dolby Vision) or "hlg" (ARIB STD-B67); null: not HDR. */
  readonly hdr: "pq" | "hlg" | null;
  /** Of HDR: the display that it was graded on. */
  readonly masteringDisplay: MasteringDisplay | null;
  /** Of HDR: how bright the film is. */
  readonly contentLight: ContentLight | null;
  /** Where the stream has a configuration of Dolby Vision. */
  readonly dolbyVision: DolbyVision | null;
}

/** A stream of sound. */
export interface AudioStreamDescription extends AnyStream {
  /** Sound. */
  readonly kind: "audio";
  /** Samples a second of each channel. */
  readonly sampleRate: number | null;
  /** Channels, as the header states them. */
  readonly numChannels: number | null;
  /** FFmpeg's name: "stereo", "5.1(side)". */
  readonly channelLayout: string | null;
  /** FFmpeg's name of what the decoder gives: "fltp", "s16". */
  readonly sampleFormat: string | null;
}

/** What framepool does not decode. */
export interface OtherStreamDescription extends AnyStream {
  /** FFmpeg's kind; `unknown` for what has none. */
  readonly kind: "subtitle" | "data" | "attachment" | "unknown";
}

/** A named stretch of the file, on its own clock. */
export interface Chapter {
  /** Where it begins, inclusive. */
  readonly startSeconds: number;
  /** Where it ends, exclusive. */
  readonly stopSeconds: number;
  /** From its tags. */
  readonly title: string | null;
  /** By the names that the container has for them. */
  readonly tags: Readonly<Record<string, string>>;
}

export function chapterOf({ beginSeconds, endSeconds, tags }: ChapterInfo): Chapter {
  return { startSeconds: beginSeconds, stopSeconds: endSeconds, title: tagOf(tags, "title"), tags };
}

export function describeStream(stream: ContainedStream): StreamDescription {
  const { kind, numFrames, picture, sound, ...facts } = stream;
  const language = tagOf(facts.tags, "language");
  const any: AnyStream = {
    ...facts,
    language: language === "und" ? null : language,
    title: tagOf(facts.tags, "title"),
    numFramesFromHeader: numFrames,
  };
  if (picture !== null) return { kind: "video", ...any, ...pictureOf(picture, facts.disposition) };
  if (sound !== null) return { kind: "audio", ...any, ...sound };
  return { kind: otherKinds.find((other) => other === kind) ?? "unknown", ...any };
}

const otherKinds = ["subtitle", "data", "attachment"] as const;

function pictureOf(
  { frameRate, colorTransfer, ...facts }: PictureFacts,
  disposition: readonly string[],
): Omit<VideoStreamDescription, keyof AnyStream | "kind"> {
  return {
    isCover: disposition.includes("attached_pic"),
    ...facts,
    averageFps: frameRate === null ? null : frameRate.num / frameRate.den,
    colorTransferCharacteristic: colorTransfer,
    hdr: colorTransfer === "smpte2084" ? "pq" : colorTransfer === "arib-std-b67" ? "hlg" : null,
  };
}

/** Containers write the names of tags as they like. */
function tagOf(tags: Tags, name: string): string | null {
  const entry = Object.entries(tags).find(([key]) => key.toLowerCase() === name);
  return entry?.[1] ?? null;
}
