import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

interface CommandUsage {
  readonly pictures: number;
  readonly mainThreadMs: number;
}

/** Microseconds for each picture more, files included, and milliseconds that the command takes for one picture. */
export function ofCommand({ files: { minute } }: Media): readonly [number, number] {
  const [one, some, all] = [1, 400, 1_000_000].map((frames) => runCommand(minute[0] ?? "", frames));
  if (one === undefined || some === undefined || all === undefined) throw new Error("not run");
  const more = all.mainThreadMs - some.mainThreadMs;
  return [(more * 1000) / (all.pictures - some.pictures), one.mainThreadMs];
}

function runCommand(video: string, frames: number): CommandUsage {
  const hook = new URL("../usage-hook.js", import.meta.url).href;
  const out = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
  try {
    const options = ["--range", `0:${frames}`, "--format", "jpeg", "--quality", "80", "--out", out];
    const args = ["--import", hook, commandLine, "frames", video, ...options];
    const done = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
    const usage = JSON.parse(String(done.output[3])) as { readonly mainThreadMs: number };
    return { pictures: picturesIn(out).length, mainThreadMs: usage.mainThreadMs };
  } finally {
    rmSync(out, { recursive: true });
  }
}
