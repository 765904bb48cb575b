import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import type { Media } from "../media.js";
import { commandLine } from "../paths.js";

/** A job of the command line's, and what makes the same pictures with ffmpeg: of the same frames, in the same size. */
export interface PictureJob {
  readonly name: string;
  readonly title: string;
  /** Of ffmpeg's wall and CPU time, at most. */
  readonly goal: number;
  /** Shell words; `out` is an empty folder. */
  readonly ours: (media: Media, out: string) => string;
  readonly theirs: (media: Media, out: string) => string;
  /** Videos whose pictures are compared with them, and what chooses and scales their frames. */
  readonly compared: (media: Media) => readonly string[];
  readonly filters: readonly string[];
  /** What the names of a video's pictures begin with, in the folder. */
  readonly ourPrefix: (video: string) => string;
  readonly theirPrefix: (video: string) => string;
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
const framepool = (...words: string[]): string => quoted([process.execPath, commandLine, "frames", ...words]);
const ffmpeg = (...words: string[]): string => `ffmpeg -v error -nostdin ${words.map((word) => `"${word}"`).join(" ")}`;
const first = (files: readonly string[]): string => files[0] ?? "";
const stem = (video: string): string => basename(video, ".mp4");

/** JPEG of about the size of ffmpeg's -q:v 2. */
const jpeg = ["--format", "jpeg", "--quality", "80"];
const likewise = ["-fps_mode", "passthrough", "-q:v", "2"];

/** The videos have 30000/1001 frames a second. */
const everySecond = "select='not(mod(n,30))'";
/** In the middle between scalers: neither side's. */
const scaled = "scale=320:-2:flags=area+accurate_rnd";

const ofOne = { ourPrefix: (video: string) => `${stem(video)}/`, theirPrefix: () => "" };

function loopsOfFfmpeg(clips: readonly string[], out: string): string {
  const filter = ["-vf", `${everySecond},scale=320:-2`, "-frames:v", "4"];
  const one = ffmpeg("-i", "$1", ...filter, ...likewise, "$0/$(basename $1 .mp4)-%03d.jpg");
  return `printf '%s\\0' ${quoted(clips)} | xargs -0 -n 1 -P 2 bash -c '${one.replaceAll("'", `'\\''`)}' '${out}'`;
}

export const pictureJobs: readonly PictureJob[] = [
  {
    ...ofOne,
    name: "thumbnails",
    title: "one picture a second of a minute of 1080p",
    goal: 0.75,
    ours: ({ files }, out) => framepool(first(files.minute), "--step", "30", ...jpeg, "--out", out),
    theirs: ({ files }, out) =>
      ffmpeg("-i", first(files.minute), "-vf", everySecond, ...likewise, join(out, "%06d.jpg")),
    compared: ({ files }) => files.minute,
    filters: [everySecond],
  },
  {
    ...ofOne,
    name: "every-frame",
    title: "every frame of 13 s of 1080p",
    goal: 0.9,
    ours: ({ files }, out) => framepool(first(files.quarter), "--all", ...jpeg, "--out", out),
    theirs: ({ files }, out) => ffmpeg("-i", first(files.quarter), ...likewise, join(out, "%06d.jpg")),
    compared: ({ files }) => files.quarter,
    filters: [],
  },
  {
    name: "clips",
    title: "four pictures of each short clip, 320 wide; two loops of ffmpeg side by side",
    goal: 0.3,
    ours: ({ files }, out) =>
      framepool(...files.clips, "--indices", "0,30,60,90", "--resize", "320x", ...jpeg, "--out", out),
    theirs: ({ files }, out) => loopsOfFfmpeg(files.clips, out),
    compared: ({ files }) => files.clips.filter((_, i) => i % 20 === 0),
    filters: [everySecond, scaled],
    ourPrefix: (video) => `${stem(video)}/`,
    theirPrefix: (video) => `${stem(video)}-`,
  },
];

export interface Usage {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What it takes, children included: Node cannot ask the system about those. */
export function timed(command: string): Usage {
  const done = spawnSync("bash", ["-c", `TIMEFORMAT='%R %U %S'; time { ${command} ; }`], { encoding: "utf8" });
  const lines = done.stderr.trim().split("\n");
  const [wall = NaN, user = NaN, system = NaN] = (lines.at(-1) ?? "").split(" ").map(Number);
  if (done.status !== 0 || Number.isNaN(system))
    throw new Error(`${command.slice(0, 200)}: ${lines.slice(-4).join("\n")}`);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}
