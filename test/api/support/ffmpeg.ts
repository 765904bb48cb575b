import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../../media/", import.meta.url));
const largestOutput = 2 ** 30;

/** Runs FFmpeg's command line; returns what it wrote to standard output. */
export function ffmpeg(args: readonly string[]): Buffer {
  return run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args]);
}

export function ffprobe(args: readonly string[]): string {
  return run("ffprobe", ["-v", "error", ...args]).toString("utf8");
}

function run(command: string, args: readonly string[]): Buffer {
  const done = spawnSync(command, args, { maxBuffer: largestOutput });
  assert.equal(done.status, 0, `${command} ${args.join(" ")}: ${done.error?.message ?? String(done.stderr)}`);
  return done.stdout;
}

let version: string | undefined;

/** "ffmpeg version 5.1.9-0+deb12u1 Copyright ..." */
export function ffmpegVersion(): string {
  version ??= run("ffmpeg", ["-version"]).toString("utf8").split("\n", 1)[0] ?? "";
  return version;
}

/** Frames as they are, none repeated or dropped; the option changed its name in FFmpeg 5.1. */
export function everyFrame(): readonly string[] {
  const [major = 0, minor = 0] = (/version n?(\d+)\.(\d+)/.exec(ffmpegVersion()) ?? []).slice(1).map(Number);
  return major > 5 || (major === 5 && minor >= 1) ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"];
}

/** Makes a file once per machine and command: `make` writes it to the path that it is given. */
export function cached(name: string, recipe: readonly string[], make: (path: string) => void): string {
  const key = createHash("sha256")
    .update(JSON.stringify([ffmpegVersion(), recipe]))
    .digest("hex")
    .slice(0, 12);
  const folder = join(cache, key);
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const part = join(folder, `${String(process.pid)}-${name}`);
  make(part);
  try {
    linkSync(part, path);
  } catch (error) {
    // Another test file was faster. Its file stays: a replaced one would be a changed source to who has it open.
    assert.equal((error as NodeJS.ErrnoException).code, "EEXIST");
  }
  rmSync(part);
  return path;
}

/** A generated clip: `args` are FFmpeg's, without the output. */
export function clip(name: string, args: readonly string[]): string {
  return cached(name, args, (path) => ffmpeg([...args, path]));
}

let encoders: string | undefined;

export function canEncode(encoder: string): boolean {
  encoders ??= run("ffmpeg", ["-hide_banner", "-encoders"]).toString("utf8");
  return new RegExp(` ${encoder} `).test(encoders);
}
