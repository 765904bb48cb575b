import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { DecoderPool } from "../../src/index.js";
import type { Media } from "../media.js";
import { mainThreadMs } from "../micro/measure.js";
import { commandLine } from "../paths.js";
import { picturesIn } from "./pictures.js";

const laterPasses = 4;

/**
 * Microseconds for which the main thread runs for each picture, while workers encode all of a video: the first time, and the mean of
 * the next times, in which garbage collections, of several milliseconds each, come as often as they do in the long run.
 * `writes`: they also write them, and hand over none.
 */
export async function ofLibrary({ files: { quarter } }: Media, writes: boolean): Promise<readonly [number, number]> {
  const pool = new DecoderPool();
  const folder = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
  try {
    const video = await pool.openVideo(quarter[0] ?? "");
    const indices = Array.from({ length: video.length }, (_, i) => i);
    const pass = async (): Promise<number> => {
      const before = mainThreadMs();
      const options = { encode: { format: "jpeg", quality: 80 } } as const;
      const images = video.getImages({ indices }, writes ? { ...options, folder } : options);
      while ((await images.next()).done !== true);
      return ((mainThreadMs() - before) * 1000) / indices.length;
    };
    const first = await pass();
    let next = 0;
    for (let i = 0; i < laterPasses; i++) next += await pass();
    return [first, next / laterPasses];
  } finally {
    await pool.close();
    rmSync(folder, { recursive: true });
  }
}

export interface CommandUsage {
  /** Microseconds for each picture, its file included: of each run. */
  readonly each: readonly number[];
  /** Milliseconds that the command takes for one picture. */
  readonly one: number;
}

/** Pictures of a run after which it is looked at: what starts the command, and V8's first compilations, are behind it then. */
const looksFrom = 400;
const runs = 3;

/**
 * Of each run the main thread's own time from some picture on to the process' end, by the pictures that were still to come: another run's
 * start, which takes a tenth of a second more or less, is not in it. The end of the command, a few milliseconds, is.
 */
export async function ofCommand({ files: { minute } }: Media): Promise<CommandUsage> {
  const video = minute[0] ?? "";
  const each: number[] = [];
  for (let i = 0; i < runs; i++) each.push(await eachPicture(video));
  const { out, child, exited } = start(video, "0:1");
  const [line = ""] = await linesOf(child);
  await exited;
  rmSync(out, { recursive: true });
  return { each, one: mainThreadIn(line) };
}

async function eachPicture(video: string): Promise<number> {
  const { out, child, exited } = start(video, "0:");
  const told = linesOf(child);
  while (picturesIn(out).length < looksFrom && child.exitCode === null) await sleep(50);
  const before = picturesIn(out).length;
  child.kill("SIGUSR2");
  const [first = "", last = ""] = await told;
  await exited;
  const after = picturesIn(out).length;
  rmSync(out, { recursive: true });
  return ((mainThreadIn(last) - mainThreadIn(first)) * 1000) / (after - before);
}

function start(video: string, range: string): { out: string; child: ChildProcess; exited: Promise<unknown> } {
  const hook = new URL("../usage-hook.js", import.meta.url).href;
  const out = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
  const options = ["--range", range, "--format", "jpeg", "--quality", "80", "--out", out];
  const args = ["--import", hook, commandLine, "frames", video, ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  return { out, child, exited: once(child, "exit") };
}

async function linesOf({ stdio }: ChildProcess): Promise<readonly string[]> {
  return (await text(stdio[3] as Readable)).trim().split("\n");
}

function mainThreadIn(line: string): number {
  return (JSON.parse(line) as { readonly mainThreadMs: number }).mainThreadMs;
}
