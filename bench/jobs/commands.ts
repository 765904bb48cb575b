import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Media } from "../media.js";
import { commandLine } from "../paths.js";

/** A job of the command line's, and what does the same with ffmpeg. */
export interface PictureJob {
  readonly name: string;
  readonly title: string;
  /** Shell words; `out` is an empty folder. */
  readonly ours: (media: Media, out: string) => string;
  readonly theirs: (media: Media, out: string) => string;
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
const framepool = (...words: string[]): string => quoted([process.execPath, commandLine, "frames", ...words]);
const ffmpeg = (...words: string[]): string => quoted(["ffmpeg", "-v", "error", "-nostdin", ...words]);
const first = (files: readonly string[]): string => files[0] ?? "";

/** JPEG of about the size of ffmpeg's -q:v 2. */
const jpeg = ["--format", "jpeg", "--quality", "80"];
const likewise = ["-q:v", "2"];

function loopsOfFfmpeg(clips: readonly string[], out: string): string {
  const filter = "select='not(mod(n,30))',scale=320:-2";
  const one = `ffmpeg -v error -nostdin -i "$1" -vf "${filter}" -frames:v 4 -fps_mode passthrough -q:v 2 "$0/$(basename "$1")-%03d.jpg"`;
  return `printf '%s\\0' ${quoted(clips)} | xargs -0 -n 1 -P 2 bash -c '${one.replaceAll("'", `'\\''`)}' '${out}'`;
}

export const pictureJobs: readonly PictureJob[] = [
  {
    name: "thumbnails",
    title: "one picture a second of a minute of 1080p",
    ours: ({ files }, out) => framepool(first(files.minute), "--every", "1s", ...jpeg, "--out", out),
    theirs: ({ files }, out) => ffmpeg("-i", first(files.minute), "-vf", "fps=1", ...likewise, join(out, "%06d.jpg")),
  },
  {
    name: "every-frame",
    title: "every frame of 13 s of 1080p",
    ours: ({ files }, out) => framepool(first(files.quarter), "--range", "0:1000000", ...jpeg, "--out", out),
    theirs: ({ files }, out) =>
      ffmpeg("-i", first(files.quarter), "-fps_mode", "passthrough", ...likewise, join(out, "%06d.jpg")),
  },
  {
    name: "clips",
    title: "four pictures of each short clip, 320 wide; two loops of ffmpeg side by side",
    ours: ({ files }, out) => framepool(...files.clips, "--count", "4", "--resize", "320x", ...jpeg, "--out", out),
    theirs: ({ files }, out) => loopsOfFfmpeg(files.clips, out),
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
