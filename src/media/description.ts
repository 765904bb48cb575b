import type { ChapterInfo, ContainedPicture, ContainedStream, PictureFacts, SoundFacts } from "../protocol/media.js";
import type { PictureMetadata } from "./stream-metadata.js";

/** What a file says of one of its streams; null where it does not. Times in seconds on the file's clock. */
export type StreamDescription = VideoStreamDescription | AudioStreamDescription | OtherStreamDescription;

interface AnyStream extends Omit<ContainedStream, "kind" | "numFrames" | "picture" | "sound"> {
  /** As the file has it, mostly ISO 639-2: "eng"; null for "und". */
  readonly language: string | null;
  /** As the file names the stream. */
  readonly title: string | null;
  /** As the header counts them: pictures, or packets of sound. */
  readonly numFramesFromHeader: number | null;
}

/** A stream of pictures, a cover included. */
export interface VideoStreamDescription extends AnyStream, PictureMetadata, ContainedPicture {
  /** Pictures. */
  readonly kind: "video";
  /** A picture that belongs to the file, such as an album's, and no film: chosen only when asked for, or where there is no other. */
  readonly isCover: boolean;
  /** Frames a second, as the header states them. */
  readonly averageFps: number | null;
  /** By its transfer characteristic: "pq" (SMPTE ST 2084: HDR10, Dolby Vision) or "hlg" (ARIB STD-B67); null: not HDR. */
  readonly hdr: "pq" | "hlg" | null;
}

/** A stream of sound. */
export interface AudioStreamDescription extends AnyStream, SoundFacts {
  /** Sound. */
  readonly kind: "audio";
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
function tagOf(tags: ChapterInfo["tags"], name: string): string | null {
  const entry = Object.entries(tags).find(([key]) => key.toLowerCase() === name);
  return entry?.[1] ?? null;
}
