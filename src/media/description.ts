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
  readonly title: string | null;
  /** FFmpeg's names of what it is for: "default", "forced", "comment", "hearing_impaired", "attached_pic", ... */
  readonly disposition: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly beginSeconds: number | null;
  readonly durationSeconds: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  /** As the header counts them: pictures, or packets of sound. */
  readonly numFramesFromHeader: number | null;
  readonly timeBase: Ratio | null;
}

/** A stream of pictures, a cover included. */
export interface VideoStreamDescription extends AnyStream {
  readonly kind: "video";
  /** A picture that belongs to the file, such as an album's, and no film: chosen only when asked for, or where there is no other. */
  readonly isCover: boolean;
  /** Of the picture as displayed, turned as the container says; what only the pictures say is in a decoder's metadata. */
  readonly width: number | null;
  readonly height: number | null;
  readonly codedWidth: number | null;
  readonly codedHeight: number | null;
  /** Degrees counter-clockwise, as the display matrix says. */
  readonly rotation: number | null;
  /** FFmpeg's name of the decoder's pixel format: "yuv420p10le". */
  readonly pixelFormat: string | null;
  /** Of a component. */
  readonly bitDepth: number | null;
  readonly averageFps: number | null;
  readonly pixelAspectRatio: Ratio | null;
  readonly colorPrimaries: string | null;
  readonly colorSpace: string | null;
  readonly colorTransferCharacteristic: string | null;
  /** "tv" (limited) or "pc" (full). */
  readonly colorRange: string | null;
  /** By its transfer characteristic: "pq" (SMPTE ST 2084: HDR10, Dolby Vision) or "hlg" (ARIB STD-B67); null: not HDR. */
  readonly hdr: "pq" | "hlg" | null;
  readonly masteringDisplay: MasteringDisplay | null;
  readonly contentLight: ContentLight | null;
  readonly dolbyVision: DolbyVision | null;
}

/** A stream of sound. */
export interface AudioStreamDescription extends AnyStream {
  readonly kind: "audio";
  readonly sampleRate: number | null;
  readonly numChannels: number | null;
  /** FFmpeg's name: "stereo", "5.1(side)". */
  readonly channelLayout: string | null;
  /** FFmpeg's name of what the decoder gives: "fltp", "s16". */
  readonly sampleFormat: string | null;
}

/** What framepool does not decode. */
export interface OtherStreamDescription extends AnyStream {
  readonly kind: "subtitle" | "data" | "attachment" | "unknown";
}

/** A named stretch of the file, on its own clock. */
export interface Chapter {
  readonly startSeconds: number;
  readonly stopSeconds: number;
  readonly title: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export function chapterOf({ beginSeconds, endSeconds, tags }: ChapterInfo): Chapter {
  return { startSeconds: beginSeconds, stopSeconds: endSeconds, title: tagOf(tags, "title"), tags };
}

export function describeStream(stream: ContainedStream): StreamDescription {
  const { index, codec, profile, disposition, tags, beginSeconds, durationSeconds, bitRate, timeBase } = stream;
  const language = tagOf(tags, "language");
  const any: AnyStream = {
    index,
    codec,
    profile,
    language: language === "und" ? null : language,
    title: tagOf(tags, "title"),
    disposition,
    tags,
    beginSeconds,
    durationSeconds,
    bitRate,
    numFramesFromHeader: stream.numFrames,
    timeBase,
  };
  if (stream.picture !== null) return { kind: "video", ...any, ...pictureOf(stream.picture, disposition) };
  if (stream.sound !== null) return { kind: "audio", ...any, ...stream.sound };
  return { kind: otherKinds.find((kind) => kind === stream.kind) ?? "unknown", ...any };
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
