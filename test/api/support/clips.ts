import { rmSync, writeFileSync } from "node:fs";
import { cached, clip, everyFrame, ffmpeg } from "./ffmpeg.js";

export const fps = 25;

const pattern = (size: string, frames: number): string[] => [
  "-f",
  "lavfi",
  "-i",
  `testsrc2=size=${size}:rate=${fps}`,
  "-frames:v",
  String(frames),
];

/** MPEG-4 with B-frames: a codec that every FFmpeg has built in. */
const mpeg4 = (gop: number, bFrames = 2): string[] => [
  ...["-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p", "-g", String(gop), "-bf", String(bFrames)],
  ...["-sc_threshold", "1000000000", "-flags", "+bitexact", "-fflags", "+bitexact"],
];

/** 50 frames of 96x64 at 25 a second from 0 s to 2 s, B-frames, a key frame every 12 packets. */
export const plain = {
  frames: 50,
  width: 96,
  height: 64,
  seconds: 2,
  path: (): string => clip("plain.mp4", [...pattern("96x64", 50), ...mpeg4(12)]),
  /** With the sample tables in front. */
  streamable: (): string => clip("streamable.mp4", [...pattern("96x64", 50), ...mpeg4(12), "-movflags", "+faststart"]),
};

/** The same pictures in Matroska, whose header does not count frames. */
export const plainMkv = (): string => clip("plain.mkv", [...pattern("96x64", 50), ...mpeg4(12)]);

/** The same pictures in MPEG-2, where B pictures, which no other needs, may be left out. */
export const unreferencedMkv = (): string =>
  clip("mpeg2.mkv", [
    ...[...pattern("96x64", 50), "-c:v", "mpeg2video", "-q:v", "3", "-g", "12", "-bf", "2"],
    ...["-sc_threshold", "1000000000", "-flags", "+bitexact", "-fflags", "+bitexact"],
  ]);

/** Matroska written to a pipe: the header states no duration. */
export const withoutDuration = (): string =>
  clip("live.mkv", [...pattern("96x64", 25), ...mpeg4(12), "-f", "matroska", "-live", "1"]);

/** One key frame and 600 pictures of 720p: the last one takes a second and more to reach. */
export const slow = {
  frames: 600,
  path: (): string => clip("slow.mp4", [...pattern("1280x720", 600), ...mpeg4(600, 0), "-g", "600"]),
};

/** 600 small pictures, a key frame every 60. */
export const long = {
  frames: 600,
  path: (): string => clip("long.mp4", [...pattern("64x48", 600), ...mpeg4(60)]),
};

/** The same as `slow` in Matroska, whose pictures an approximate opening knows nothing of. */
export const slowMkv = (): string => clip("slow.mkv", ["-i", slow.path(), "-c", "copy"]);

/** One picture, which FLV puts on screen for no time at all. */
export const still = (): string => clip("still.flv", [...pattern("64x48", 1), "-c:v", "flv"]);

/** Every picture is a key frame of its own; no other depends on it. */
export const intra = {
  frames: 20,
  path: (): string =>
    clip("intra.mov", [...pattern("64x48", 20), "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]),
};

const withGap = [
  ...["-f", "lavfi", "-i", `testsrc2=size=64x48:rate=${fps}`, "-vf", "select='lt(n,5)+between(n,10,14)'"],
  ...["-frames:v", "10", ...everyFrame(), ...mpeg4(4)],
];

/** Frames 0 to 4 and 10 to 14 of 25 a second, their times kept: nothing comes between 0.16 s and 0.4 s. */
export const gap = {
  pts: [0, 0.04, 0.08, 0.12, 0.16, 0.4, 0.44, 0.48, 0.52, 0.56],
  path: (): string => clip("gap.mp4", withGap),
  /** Begins at 10 s. */
  later: (): string => clip("later.mkv", [...withGap, "-output_ts_offset", "10"]),
};

/** Pixels as they are, one after the other: the bytes of the file are the bytes of the frames. */
export const raw = {
  frames: 10,
  path: (): string =>
    clip("raw.avi", [...pattern("160x120", 10), "-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-fflags", "+bitexact"]),
};

/** A tone and no picture. */
export const sound = (): string => clip("sound.wav", ["-f", "lavfi", "-i", "sine=duration=1"]);

/** Stream 0: a tone; stream 1: 64x48; stream 2: 32x24, which is not the best. */
export const manyStreams = (): string =>
  clip("streams.mkv", [
    ...["-f", "lavfi", "-i", "sine=duration=1", "-f", "lavfi", "-i", `testsrc2=size=64x48:rate=${fps}:duration=1`],
    ...["-f", "lavfi", "-i", `testsrc2=size=32x24:rate=${fps}:duration=1`],
    ...["-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg4", "-c:a", "pcm_s16le"],
  ]);

/** Pictures of any size: FFmpeg's pattern itself only comes in even ones. */
const cropped = (size: string, frames: number): string[] => {
  const [width, height] = size.split("x");
  return [...pattern("160x120", frames), "-vf", `format=rgba,crop=${width}:${height}:0:0:exact=1`];
};

const withFilter = (args: readonly string[], filter: string): string[] =>
  args.map((arg, at) => (args[at - 1] === "-vf" ? `${arg},${filter}` : arg));

/** Lossless pictures of a pixel format: what the decoder gives is what went in. */
export const lossless = (format: string, size = "64x48", frames = 3): string =>
  clip(`${format}-${size}.mkv`, [...withFilter(cropped(size, frames), `format=${format}`), "-c:v", "ffv1", "-g", "1"]);

/** 40x30 pictures of a palette. */
export const palette = (): string =>
  clip("palette.mov", [...withFilter(cropped("40x30", 3), "format=pal8"), "-c:v", "png", "-pix_fmt", "pal8"]);

/** Pictures whose transparency changes from pixel to pixel. */
export const transparent = (size = "64x48"): string =>
  clip(`transparent-${size}.mov`, [
    ...withFilter(cropped(size, 3), "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='mod(2*X+Y,256)'"),
    ...["-c:v", "png"],
  ]);

/** One colour, given as it is stored: luma and the two chromas, of the given depth, range and matrix. */
export const flat = (
  [y, u, v]: readonly [number, number, number],
  options: { depth?: number; range?: string; matrix?: string; size?: string },
): string => {
  const { depth = 8, range = "tv", matrix = "bt709", size = "64x48" } = options;
  const format = depth === 8 ? "yuv420p" : `yuv420p${depth}le`;
  return clip(`flat-${range}-${matrix}-${depth}-${size}.mkv`, [
    ...["-f", "lavfi", "-i", `color=gray:size=${size}:rate=${fps}`, "-frames:v", "1"],
    ...["-vf", `format=${format},lutyuv=y=${y}:u=${u}:v=${v},setparams=range=${range}:colorspace=${matrix}`],
    ...["-color_range", range, "-colorspace", matrix, "-c:v", "ffv1"],
  ]);
};

/** Two sizes in one stream, 64x48, then 96x80; JPEG pictures stand alone, in MPEG-2 they depend on each other. */
export const twoSizes = {
  jpeg: (): string => joined("two-sizes.mkv", ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], "matroska"),
  /** FFmpeg's decoder loses the last picture of the first size. */
  mpeg2: (): string => joined("two-sizes.ts", ["-c:v", "mpeg2video", "-q:v", "2", "-g", "5"], "mpegts"),
};

function joined(name: string, encoder: readonly string[], format: string): string {
  const part = (size: string): string => clip(`${size}-${name}`, [...pattern(size, 10), ...encoder, "-f", format]);
  const parts = ["64x48", "96x80"].map(part);
  return cached(name, parts, (path) => {
    const list = `${path}.txt`;
    writeFileSync(list, parts.map((file) => `file '${file}'\n`).join(""));
    ffmpeg(["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", "-f", format, path]);
    rmSync(list);
  });
}
