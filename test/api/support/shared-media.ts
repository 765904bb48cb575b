import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const folder = fileURLToPath(new URL("../../../../../shared/media/", import.meta.url));

/** A frame as FFmpeg's own tools tell it. */
export interface ExpectedFrame {
  /** Seconds; null where the file has none. */
  readonly pts: number | null;
  readonly duration: number | null;
  readonly key: boolean;
  /** Of the decoder's planes, one after the other without padding. */
  readonly md5: string | null;
}

export interface SharedVideo {
  readonly name: string;
  readonly path: string;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly pixelFormat: string;
  readonly frames: readonly ExpectedFrame[];
  readonly colour: {
    readonly width: number;
    readonly height: number;
    /** By frame number. */
    readonly grids: ReadonlyMap<number, readonly (readonly number[])[]>;
  };
}

interface OracleVideo {
  readonly stream_index: number;
  readonly width: number;
  readonly height: number;
  readonly pix_fmt: string;
  readonly frames: readonly (readonly [number, number | null, number, number | null, number, string, string | null])[];
  readonly rgb24?: {
    readonly width: number;
    readonly height: number;
    readonly frames: Readonly<Record<string, { readonly grid: readonly (readonly (readonly number[])[])[] }>>;
  };
}

interface Oracle {
  readonly file: string;
  readonly best_stream?: { readonly video: number | null };
  readonly video?: readonly OracleVideo[];
}

/** Defines tests over the real files, or, where they are not, one test whose name says so. */
export function withSharedMedia(define: (folder: string) => void): void {
  if (existsSync(join(folder, "manifest.json"))) define(folder);
  else
    test(`NOT CHECKED HERE: the real media files are not at ${folder}`, (context) =>
      context.diagnostic("no real media"));
}

/** The best video stream of every file that has one. */
export function sharedVideos(set: string): SharedVideo[] {
  const oracles = join(folder, set, "oracle");
  return readdirSync(oracles)
    .sort()
    .flatMap((name) => {
      const oracle = JSON.parse(readFileSync(join(oracles, name), "utf8")) as Oracle;
      const video = oracle.video?.find(({ stream_index }) => stream_index === oracle.best_stream?.video);
      if (video === undefined || video.frames.length === 0) return [];
      return [toVideo(oracle.file, join(folder, set, oracle.file), video)];
    });
}

function toVideo(name: string, path: string, video: OracleVideo): SharedVideo {
  const grids = Object.entries(video.rgb24?.frames ?? {}).map(([i, { grid }]) => [Number(i), grid.flat()] as const);
  return {
    name,
    path,
    codedWidth: video.width,
    codedHeight: video.height,
    pixelFormat: video.pix_fmt,
    frames: video.frames.map(([, pts, , duration, key, , md5]) => ({ pts, duration, key: key === 1, md5 })),
    colour: { width: video.rgb24?.width ?? 0, height: video.rgb24?.height ?? 0, grids: new Map(grids) },
  };
}

export interface ReferenceFrame {
  readonly name: string;
  readonly media: string;
  readonly pixels: string;
  readonly streamIndex: number;
  readonly index: number;
  readonly ptsSeconds: number;
  readonly dtype: "uint8" | "uint16";
}

/** torchcodec's own reference frames, but those of which only a part or a resized copy was kept. */
export function referenceFrames(): ReferenceFrame[] {
  const base = join(folder, "torchcodec");
  const { references } = JSON.parse(readFileSync(join(base, "manifest.json"), "utf8")) as {
    references: readonly (Readonly<Record<string, unknown>> & { media: string; file: string; dtype: string })[];
  };
  return references
    .filter((entry) => entry["kind"] === "video" && entry["filter_after_rgb24"] == null && entry["alias_of"] == null)
    .map((entry) => ({
      name: entry.file.replace("refs/", ""),
      media: join(base, entry.media),
      pixels: join(base, entry.file),
      streamIndex: Number(entry["stream_index"]),
      index: Number(entry["frame_index"]),
      ptsSeconds: Number(entry["pts_seconds"]),
      dtype: entry.dtype === "uint8" ? "uint8" : "uint16",
    }));
}

export interface SharedSound {
  readonly name: string;
  readonly path: string;
  readonly streamIndex: number;
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  /** Seconds. */
  readonly first: number;
  /** Of all samples as float32, interleaved, as FFmpeg 5.1 gives them. */
  readonly md5: string;
  readonly isLossless: boolean;
  /** Of each channel: its root mean square. */
  readonly rms: readonly number[];
}

interface OracleSound {
  readonly stream_index: number;
  readonly codec: string;
  readonly sample_rate: number;
  readonly channels: number;
  readonly total_samples: number;
  readonly first_pts_time: string;
  readonly md5_f32le: string;
  readonly exact_expected: boolean;
  readonly rms: readonly number[];
}

/** The audio streams of every file. */
export function sharedSounds(set: string, media = "."): SharedSound[] {
  const base = join(folder, set, media);
  return readdirSync(join(base, "oracle"))
    .sort()
    .flatMap((name) => {
      const oracle = JSON.parse(readFileSync(join(base, "oracle", name), "utf8")) as {
        readonly file: string;
        readonly audio?: readonly OracleSound[];
      };
      return (oracle.audio ?? []).map((sound) => ({
        name: oracle.file,
        path: join(base, oracle.file),
        streamIndex: sound.stream_index,
        codec: sound.codec,
        sampleRate: sound.sample_rate,
        channels: sound.channels,
        samples: sound.total_samples,
        first: Number(sound.first_pts_time),
        md5: sound.md5_f32le,
        isLossless: sound.exact_expected,
        rms: sound.rms,
      }));
    });
}

/** torchcodec's own reference samples. */
export function referenceSounds(): { name: string; media: string; streamIndex: number; samples: Float32Array }[] {
  const base = join(folder, "torchcodec");
  const { references } = JSON.parse(readFileSync(join(base, "manifest.json"), "utf8")) as {
    references: readonly { kind: string; media: string; file: string; stream_index: number }[];
  };
  return references
    .filter(({ kind }) => kind === "audio")
    .map(({ media, file, stream_index }) => {
      const bytes = readFileSync(join(base, file));
      const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      return { name: file.replace("refs/", ""), media: join(base, media), streamIndex: stream_index, samples };
    });
}
