export interface HardClip {
  readonly name: string;
  /** What is hard about it. */
  readonly because: string;
  readonly encoder: string;
  readonly path: () => string;
}

export const pattern = (frames = 50, size = "96x64"): string[] => [
  ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, "-frames:v", String(frames)],
  ...["-fflags", "+bitexact", "-flags", "+bitexact"],
];
export const x264 = (gop: number, bFrames: number, params: string): string[] => [
  ...["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"],
  ...["-g", String(gop), "-bf", String(bFrames), "-x264-params", params],
];
export const x265 = (params: string): string[] => [
  ...["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
  ...["-x265-params", `log-level=none:pools=none:frame-threads=1:${params}`],
];

export function make(name: string, because: string, encoder: string, path: () => string): HardClip {
  return { name, because, encoder, path };
}
