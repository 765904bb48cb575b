// npm run bench -- --jobs: the command line's main jobs and the same with ffmpeg, in alternation.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DecoderPool } from "../../src/index.js";
import { type Media, findMedia } from "../media.js";
import { output } from "../commands.js";
import { mainThreadMs } from "../micro/measure.js";
import { commandLine } from "../paths.js";
import { type PictureJob, type Usage, pictureJobs, timed } from "./commands.js";

interface Run extends Usage {
  readonly pictures: number;
  readonly bytes: number;
  /** Of the pictures against the source, where both are of one size. */
  readonly ssim: number | undefined;
}

export async function runJobs(folder: string | undefined, rounds: number, quick: boolean): Promise<void> {
  const media = findMedia(folder, quick ? 16 : Infinity);
  for (const job of pictureJobs) {
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      const [a, b] = round % 2 === 0 ? ([ours, theirs] as const) : ([theirs, ours] as const);
      for (const runs of [a, b]) runs.push(runOnce(job, media, runs === ours));
    }
    console.log(`\n${job.name}: ${job.title}`);
    describe("framepool", ours);
    describe("ffmpeg", theirs);
    console.log(`  ratio: wall ${ratio(ours, theirs, "wallMs")}, CPU ${ratio(ours, theirs, "cpuMs")}`);
  }
  console.log(`\nmain thread, for each encoded picture: ${(await ofLibrary(media)).toFixed(0)} us with getImages`);
  console.log(`  ${ofCommand(media).toFixed(0)} us with the command, which writes it`);
}

function runOnce(job: PictureJob, media: Media, isOurs: boolean): Run {
  const out = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
  try {
    const usage = timed((isOurs ? job.ours : job.theirs)(media, out));
    const files = (readdirSync(out, { recursive: true }) as string[]).filter((name) => name.endsWith(".jpg")).sort();
    const bytes = files.reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
    const ssim =
      job.name === "every-frame"
        ? similarity(
            files.map((name) => join(out, name)),
            media,
          )
        : undefined;
    return { ...usage, pictures: files.length, bytes, ssim };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The luma's, over every tenth picture, both as ffmpeg reads them. */
function similarity(files: readonly string[], { files: { quarter } }: Media): number {
  const values = files.flatMap((file, i) => {
    if (i % 10 !== 0) return [];
    const filter = `[0:v]select='eq(n,${i})',scale=out_range=full:out_color_matrix=bt601,format=yuvj420p[a];[a][1:v]ssim=stats_file=-`;
    const said = output("ffmpeg", [
      "-v",
      "error",
      "-nostdin",
      "-i",
      quarter[0] ?? "",
      "-i",
      file,
      "-lavfi",
      filter,
      "-frames:v",
      "1",
      "-f",
      "null",
      "-",
    ]);
    return [Number(/Y:([\d.]+)/.exec(said)?.[1])];
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Microseconds for which the main thread runs for each picture, while workers encode every frame. */
async function ofLibrary({ files: { quarter } }: Media): Promise<number> {
  const pool = new DecoderPool();
  try {
    const video = await pool.openVideo(quarter[0] ?? "");
    const indices = Array.from({ length: video.length }, (_, i) => i);
    const encode = { format: "jpeg", quality: 80 } as const;
    await drain(video.getImages({ indices: indices.slice(0, 32) }, { encode }));
    const before = mainThreadMs();
    await drain(video.getImages({ indices }, { encode }));
    return ((mainThreadMs() - before) * 1000) / indices.length;
  } finally {
    await pool.close();
  }
}

/** The same of the command, files included: what all frames take beyond what one takes. */
function ofCommand({ files: { quarter } }: Media): number {
  const hook = new URL("../usage-hook.js", import.meta.url).href;
  const run = (frames: number): { readonly pictures: number; readonly mainThreadMs: number } => {
    const out = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
    try {
      const options = ["--range", `0:${frames}`, "--format", "jpeg", "--quality", "80", "--out", out];
      const args = ["--import", hook, commandLine, "frames", quarter[0] ?? "", ...options];
      const done = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
      const usage = JSON.parse(String(done.output[3])) as { readonly mainThreadMs: number };
      const names = readdirSync(out, { recursive: true }) as string[];
      return { pictures: names.filter((name) => name.endsWith(".jpg")).length, ...usage };
    } finally {
      rmSync(out, { recursive: true });
    }
  };
  const [one, all] = [run(1), run(1_000_000)];
  return ((all.mainThreadMs - one.mainThreadMs) * 1000) / (all.pictures - one.pictures);
}

async function drain(images: AsyncIterator<unknown>): Promise<void> {
  while ((await images.next()).done !== true);
}

function describe(name: string, runs: readonly Run[]): void {
  const [run] = runs;
  if (run === undefined) return;
  const size = (run.bytes / run.pictures / 1000).toFixed(1);
  const ssim = run.ssim === undefined ? "" : `, SSIM ${run.ssim.toFixed(4)}`;
  const times = `wall ${(median(runs, "wallMs") / 1000).toFixed(2)} s, CPU ${(median(runs, "cpuMs") / 1000).toFixed(2)} s`;
  console.log(`  ${name}: ${times}, ${run.pictures} pictures of ${size} kB${ssim}`);
}

function ratio(ours: readonly Run[], theirs: readonly Run[], what: keyof Usage): string {
  return (median(ours, what) / median(theirs, what)).toFixed(2);
}

function median(runs: readonly Run[], what: keyof Usage): number {
  const sorted = runs.map((run) => run[what]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
