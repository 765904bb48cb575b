import { smallClip } from "../media.js";

const pattern = (size: string, frames: number): string[] => [
  ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, "-frames:v", String(frames), "-fflags", "+bitexact"],
];

/** Pictures so small that decoding one costs next to nothing: what is left is what is around it. */
export const tiny = {
  frames: 64,
  path: (): string => smallClip("tiny-32x32.mkv", [...pattern("32x32", 64), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
};

/** Pictures that need no decoding, in a pixel format of choice: what is left is their conversion. */
export const uncompressed = {
  frames: 8,
  width: 1920,
  height: 1080,
  path: (pixelFormat: string): string =>
    smallClip(`raw-1080p-${pixelFormat}.nut`, [
      ...pattern("1920x1080", 8),
      "-c:v",
      "rawvideo",
      "-pix_fmt",
      pixelFormat,
    ]),
};
