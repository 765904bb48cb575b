import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { output } from "../commands.js";
import type { Work } from "../model.js";
import { type ColdProgram, runCold } from "./cold.js";
import { type Digest, type Outcome, type Runner, type Usage, nothing, onlyFile } from "./runner.js";

/** FFmpeg's command line, a process for each run. What it cannot do in one process is not asked of it. */
export class FfmpegCommand implements Runner {
  readonly #pixels: boolean;
  readonly #threads: number;

  /** With `pixels` it converts to rgb24 and writes to /dev/null, otherwise it only decodes. */
  constructor(pixels: boolean, threads: number) {
    this.#pixels = pixels;
    this.#threads = threads;
  }

  async run(work: Work, files: readonly string[], digest: Digest | null): Promise<Outcome> {
    const file = onlyFile(files);
    if (work.kind === "cold") return await runCold(this.#program(file), digest);
    const args = this.#input(file);
    args.push("-map", "0:v:0", ...limit(work), ...everyFrame());
    const { frames, usage } = run([...args, ...this.#target()]);
    if (digest !== null && this.#pixels) addPixels(digest, file, limit(work));
    return { frames, ptsSum: null, usage, release: nothing };
  }

  async close(): Promise<void> {
    await nothing();
  }

  #program(file: string): (folder: string) => ColdProgram {
    return (folder) => ({
      command: "ffmpeg",
      args: [...this.#input(file), "-frames:v", "1", join(folder, "0.png")],
      usage: benchmarkOf,
    });
  }

  #input(file: string): string[] {
    return ["-hide_banner", "-nostdin", "-nostats", "-benchmark", "-threads", String(this.#threads), "-i", file];
  }

  #target(): string[] {
    return this.#pixels ? ["-pix_fmt", "rgb24", "-f", "rawvideo", "-y", "/dev/null"] : ["-f", "null", "-"];
  }
}

function limit(work: Work): string[] {
  switch (work.kind) {
    case "first":
      return ["-frames:v", "1"];
    case "range":
      return ["-frames:v", String(work.stop)];
    case "whole":
      return [];
    default:
      throw new Error(`ffmpeg's command line does not take part in ${work.kind}`);
  }
}

let passthrough: string[] | undefined;

/** Frames as they are, none repeated or dropped; the option changed its name in FFmpeg 5.1. */
function everyFrame(): string[] {
  if (passthrough === undefined) {
    const [major = 0, minor = 0] = (/version n?(\d+)\.(\d+)/.exec(output("ffmpeg", ["-version"])) ?? [])
      .slice(1)
      .map(Number);
    const renamed = major > 5 || (major === 5 && minor >= 1);
    passthrough = renamed ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"];
  }
  return passthrough;
}

function run(args: readonly string[]): { readonly frames: number; readonly usage: Usage } {
  const done = spawnSync("ffmpeg", args, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (done.status !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${done.stderr.slice(-500)}`);
  const frames = Number([...done.stderr.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1]);
  return { frames, usage: benchmarkOf(done.stderr) };
}

/** What `-benchmark` printed about the process. */
function benchmarkOf(log: string): Usage {
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(log) ?? [];
  const [, kilobytes] = /bench: maxrss=(\d+)/.exec(log) ?? [];
  return { cpuMs: 1000 * (Number(user) + Number(system)), peakRssMb: Number(kilobytes) / 1024 };
}

function addPixels(digest: Digest, file: string, frames: readonly string[]): void {
  const args = ["-v", "error", "-nostdin", "-i", file, "-map", "0:v:0", ...frames, ...everyFrame()];
  const said = output("ffmpeg", [...args, "-pix_fmt", "rgb24", "-c:v", "rawvideo", "-f", "md5", "-"]);
  digest.addKnown(said.trim().replace("MD5=", ""));
}
