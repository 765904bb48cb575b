import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { hasCode } from "../../src/cli/files.js";
import { hangMs } from "../support/hang.js";

// As it is shipped: bundled from dist/src/cli.
const cli = fileURLToPath(new URL("../../src/bundle/main.js", import.meta.url));
const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Of another copy of the package. */
  readonly root?: string;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the real command line in a process of its own, without a terminal. */
export function framepool(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return finish(launch(args, options), options.stdin);
}

export function npmStart(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return finish(spawnNode(start, args, options), options.stdin);
}

export function launch(args: readonly string[], options: RunOptions = {}): ChildProcess {
  if (options.root === undefined) return spawnNode(cli, args, options);
  // The copy's own addon, or none.
  const env = { ...process.env, ...options.env, FRAMEPOOL_ADDON: "" };
  return spawnNode(join(options.root, "dist/src/bundle/main.js"), args, { ...options, env });
}

export function spawnNode(script: string, args: readonly string[], { cwd, env }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [script, ...args], { cwd, env: env ?? process.env, stdio: "pipe" });
}

export function finish(child: ChildProcess, stdin = ""): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A command that does not read its input may be gone before all of it is written.
  child.stdin?.on("error", () => undefined).end(stdin);
  const deadline = setTimeout(() => child.kill("SIGKILL"), hangMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => {
      clearTimeout(deadline);
      resolve({ code, stdout, stderr });
    });
  });
}

/** A folder that is removed when the test file has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "framepool-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Clip {
  readonly sound?: boolean;
  readonly seconds?: number;
  readonly size?: string;
  readonly rate?: number;
  readonly encoder?: readonly string[];
}

/** A video of `seconds` * `rate` frames with B-frames and a key frame every 12 frames. */
export function makeVideo(
  path: string,
  { seconds = 2, size = "64x48", rate = 25, encoder, sound = false }: Clip = {},
): string {
  const source = `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  const codec = encoder ?? ["mpeg4", "-bf", "2", "-g", "12", "-pix_fmt", "yuv420p"];
  const tone = sound ? ["-f", "lavfi", "-i", `sine=duration=${seconds}`, "-c:a", "pcm_s16le"] : [];
  ffmpeg(["-f", "lavfi", "-i", source, ...tone, "-c:v", ...codec, path]);
  return path;
}

export function makeSound(path: string): string {
  ffmpeg(["-f", "lavfi", "-i", "sine=duration=1", path]);
  return path;
}

export function ffmpeg(args: readonly string[]): void {
  const done = spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args], { encoding: "utf8" });
  assert.equal(done.status, 0, done.error?.message ?? done.stderr);
}

/** Position and size in the file of every packet of the video. */
export function packets(path: string): { pos: number; size: number }[] {
  const entries = ["-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "csv=p=0"];
  const done = spawnSync("ffprobe", ["-v", "error", ...entries, path], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  const lines = done.stdout.trim().split("\n");
  return lines.map((line) => {
    const [size, pos] = line.split(",").map(Number);
    assert.ok(size !== undefined && pos !== undefined);
    return { pos, size };
  });
}

export interface Line {
  readonly source: string;
  readonly key: string;
  readonly index: number;
  readonly ptsSeconds: number;
  readonly durationSeconds: number;
  readonly status: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

export function manifest(out: string): Line[] {
  const text = readFileSync(join(out, "manifest.jsonl"), "utf8");
  assert.ok(text === "" || text.endsWith("\n"), "the last line is whole");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** What `framepool frames` makes of a file, each time in a folder of its own; a run must succeed. Returns the names of the pictures. */
export function framesOf(
  video: string,
  folder: string,
): {
  readonly newOut: () => string;
  readonly frameNames: (...args: string[]) => Promise<string[]>;
} {
  let outs = 0;
  const newOut = (): string => {
    outs += 1;
    return join(folder, `out-${String(outs)}`);
  };
  const frameNames = async (...args: string[]): Promise<string[]> => {
    const out = newOut();
    const { code, stdout, stderr } = await framepool(["frames", video, ...args, "--out", out]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assertConsistent(out);
    return images(out);
  };
  return { newOut, frameNames };
}

/** Everything below the folder but the manifest and the records of what was made, sorted. */
export function images(out: string): string[] {
  if (!existsSync(out)) return [];
  // A file may be gone again when it is looked at: it was a temporary one.
  const isFile = (name: string): boolean => statSync(join(out, name), { throwIfNoEntry: false })?.isFile() ?? false;
  return namesBelow(out)
    .filter((name) => !/(?:manifest\.jsonl|\.framepool\.json)$/.test(name) && isFile(name))
    .sort();
}

function namesBelow(folder: string): string[] {
  for (;;) {
    try {
      return readdirSync(folder, { recursive: true, encoding: "utf8" });
    } catch (error) {
      // A folder of temporary files was gone when it was its turn.
      if (!hasCode(error, "ENOENT") || !existsSync(folder)) throw error;
    }
  }
}

/** The manifest lists every image that is there, each once, and nothing else. */
export function assertConsistent(out: string): void {
  assert.deepEqual(
    manifest(out)
      .map(({ path }) => path)
      .sort(),
    images(out),
  );
}
