import { readFileSync, writeFileSync } from "node:fs";
import { cached, clip } from "./ffmpeg.js";
import { keptTooMany } from "./long-term-clips.js";

export interface Damaged {
  readonly name: string;
  readonly encoder: string;
  /** Without the damage. */
  readonly whole: () => string;
  readonly path: () => string;
}

const pattern = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "60"];

/** Bursts of errors, seven in the file, in the first part of which its own tables may be. */
function withBursts(name: string, from: string): string {
  return cached(name, [from, "bursts"], (path) => {
    const bytes = readFileSync(from);
    for (let burst = 1; burst < 8; burst++) {
      const begin = Math.floor((bytes.length * 0.8 * burst) / 8) + 1000;
      for (let at = begin; at < begin + 30; at++) bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
    }
    writeFileSync(path, bytes);
  });
}

const make = (name: string, encoder: string, args: readonly string[]): Damaged => {
  const whole = (): string => clip(`whole-${name}`, [...pattern, "-c:v", encoder, ...args]);
  return { name, encoder, whole, path: () => withBursts(name, whole()) };
};

const x264 = ["-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"];
const x265 = (params: string): string[] => [
  ...["-preset", "ultrafast", "-pix_fmt", "yuv420p"],
  ...["-x265-params", `log-level=none:pools=none:frame-threads=1:${params}`],
];

export const damagedClips: readonly Damaged[] = [
  make("h264.mp4", "libx264", [...x264, "-g", "20", "-bf", "2"]),
  make("h264-slices.mkv", "libx264", [...x264, "-g", "20", "-bf", "2", "-slices", "4"]),
  make("h264-open.ts", "libx264", [...x264, "-g", "20", "-bf", "3", "-x264-params", "open-gop=1:scenecut=0"]),
  make("hevc.mp4", "libx265", x265("keyint=20:bframes=2")),
  make("mpeg2.ts", "mpeg2video", ["-q:v", "5", "-g", "15", "-bf", "2"]),
  make("mpeg4.mp4", "mpeg4", ["-q:v", "5", "-g", "20", "-bf", "2"]),
  make("vp8.webm", "libvpx", ["-cpu-used", "8", "-deadline", "realtime", "-g", "20", "-b:v", "1M"]),
  make("vp8-altref.webm", "libvpx", [
    ...["-cpu-used", "5", "-deadline", "good", "-g", "60", "-b:v", "500k"],
    ...["-auto-alt-ref", "1", "-lag-in-frames", "16"],
  ]),
  make("vp9.webm", "libvpx-vp9", ["-cpu-used", "8", "-deadline", "realtime", "-g", "20", "-b:v", "1M"]),
  { name: "kept-too-many.mp4", encoder: "libx264", whole: keptTooMany, path: keptTooMany },
];
