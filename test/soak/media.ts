import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gap, intra, palette, plain, plainMkv, raw, still, transparent, twoSizes } from "../api/support/clips.js";
import { withBitErrors, withDeadPackets } from "../api/support/damage.js";
import { canEncode, clip } from "../api/support/ffmpeg.js";
import { canMake, hardClips } from "../api/support/hard-clips.js";
import { oddTimes } from "../api/support/odd-times.js";
import { exactClips } from "./exact-clips.js";

/** A video that is asked for its pictures at random. */
export interface SoakFile {
  readonly name: string;
  /** Makes it where it is not there yet. */
  readonly path: () => string;
  /** Not all of it can be decoded, on purpose: FFmpeg's own pictures are then no measure of which. */
  readonly isDamaged: boolean;
}

/** Where the real media lie beside a clone. */
const realMedia = fileURLToPath(new URL("../../../../shared/media/", import.meta.url));
const realFolders = ["real", "torchcodec/media", "faults"];
const videoName = /\.(?:3gp|avi|flv|gif|h26[45]|mkv|mov|mp4|mpg|ps|ts|webm|mp3)$/;

const whole = (name: string, path: () => string): SoakFile => ({ name, path, isDamaged: false });
const broken = (name: string, path: () => string): SoakFile => ({ name, path, isDamaged: true });

function long(name: string, encoder: string, args: readonly string[]): SoakFile[] {
  if (!canEncode(encoder)) return [];
  const source = ["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25", "-frames:v", "300"];
  const exact = ["-fflags", "+bitexact", "-flags", "+bitexact"];
  return [whole(name, () => clip(name, [...source, ...exact, "-c:v", encoder, "-pix_fmt", "yuv420p", ...args]))];
}

const x264 = (params: string): string[] => ["-preset", "veryfast", "-threads", "1", "-x264-params", params];
const x265 = (params: string): string[] => [
  ...["-preset", "ultrafast", "-x265-params"],
  `log-level=none:pools=none:frame-threads=1:${params}`,
];

/** Long enough for runs that begin far from each other. */
const longFiles = (): SoakFile[] => [
  ...long("soak-pyramid.mp4", "libx264", x264("keyint=60:bframes=5:b-pyramid=normal:ref=4:open-gop=1")),
  ...long("soak-closed.mkv", "libx264", x264("keyint=25:bframes=2:scenecut=0")),
  ...long("soak-slices.ts", "libx264", x264("keyint=50:slices=4:bframes=3")),
  ...long("soak-refresh.mp4", "libx264", x264("keyint=60:intra-refresh=1:bframes=0")),
  ...long("soak-hevc.mp4", "libx265", x265("keyint=40:bframes=4:open-gop=1")),
  ...long("soak-hevc.ts", "libx265", x265("keyint=40:bframes=3")),
  ...long("soak-vp9.webm", "libvpx-vp9", ["-cpu-used", "8", "-deadline", "realtime", "-g", "64"]),
  ...long("soak-mpeg2.ts", "mpeg2video", ["-q:v", "4", "-g", "15", "-bf", "2"]),
  ...long("soak-mpeg4.avi", "mpeg4", ["-q:v", "4", "-g", "30", "-bf", "2"]),
  ...long("soak-raw.h264", "libx264", x264("keyint=25:bframes=2:scenecut=0")),
  ...long("soak-raw.m2v", "mpeg2video", ["-q:v", "4", "-g", "15", "-bf", "2"]),
  ...long("soak-program.mpg", "mpeg2video", ["-q:v", "4", "-g", "15", "-bf", "2", "-f", "vob"]),
];

/** Made here, small, and the same on every machine of one FFmpeg. */
export function generatedFiles(): SoakFile[] {
  const dead = [3, 11, 12, 30, 44];
  return [
    whole("plain.mp4", plain.path),
    whole("plain.mkv", plainMkv),
    whole("gap.mp4", gap.path),
    whole("later.mkv", gap.later),
    whole("intra.mov", intra.path),
    whole("raw.avi", raw.path),
    whole("still.flv", still),
    whole("palette.mov", palette),
    whole("transparent.mov", () => transparent()),
    whole("two-sizes.mkv", twoSizes.jpeg),
    broken("dead.mp4", () => withDeadPackets(plain.path(), dead)),
    broken("errors.mp4", () => withBitErrors(plain.path(), dead)),
    broken("dead.mov", () => withDeadPackets(intra.path(), [0, 5, 6, 7, 19])),
    ...hardClips.filter(canMake).map(({ name, path }) => whole(name, path)),
    ...exactClips.filter(canMake).map(({ name, path }) => whole(`exact-${name}`, path)),
    ...oddTimes().map(({ name, path }) => whole(name, path)),
    ...longFiles(),
    ...longFiles().flatMap((file) =>
      /^soak-(?:pyramid|hevc)\.mp4$/.test(file.name)
        ? [broken(`errors-${file.name}`, () => withBitErrors(file.path(), [20, 21, 77, 130, 200, 201, 299]))]
        : [],
    ),
  ];
}

/** Files of a folder, or of the real media's folders. */
export function mediaFiles(folder?: string): SoakFile[] {
  const folders = folder === undefined ? realFolders.map((name) => join(realMedia, name)) : [folder];
  return folders.filter(existsSync).flatMap((within) =>
    readdirSync(within)
      .filter((name) => videoName.test(name))
      .sort()
      .map((name) => whole(join(within, name), () => join(within, name))),
  );
}
