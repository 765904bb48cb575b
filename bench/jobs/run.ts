// npm run bench -- --jobs: the command line's main jobs and the same with ffmpeg, in alternation.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Media, findMedia } from "../media.js";
import { type PictureJob, type Usage, pictureJobs, timed } from "./commands.js";
import { ofCommand, ofLibrary } from "./main-thread.js";
import { picturesIn } from "./pictures.js";
import { similarity } from "./similarity.js";

type Side = "ours" | "theirs";

interface Run extends Usage {
  readonly pictures: number;
  readonly bytes: number;
  /** Of the first round's pictures. */
  readonly ssim: number | undefined;
}

export async function runJobs(folder: string | undefined, rounds: number, quick: boolean): Promise<void> {
  const media = findMedia(folder, quick ? 16 : Infinity);
  for (const job of pictureJobs) {
    const runs: Record<Side, Run[]> = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      const sides: readonly Side[] = round % 2 === 0 ? ["ours", "theirs"] : ["theirs", "ours"];
      for (const side of sides) runs[side].push(runOnce(job, media, side, round === 0));
    }
    const { ours, theirs } = runs;
    console.log(`\n${job.name}: ${job.title}; medians of ${String(rounds)}`);
    describe("framepool", ours);
    describe("ffmpeg", theirs);
    if (ours[0]?.pictures !== theirs[0]?.pictures) throw new Error(`${job.name}: not the same number of pictures`);
    const ratios = `wall ${ratio(ours, theirs, "wallMs")}, CPU ${ratio(ours, theirs, "cpuMs")}`;
    console.log(`  ratio: ${ratios} (goal: ${job.goal.toFixed(2)} of both)`);
  }
  console.log(`\nmain thread, for each encoded picture (goal: 60 us)`);
  for (const writes of [false, true]) {
    const [cold, warm] = await ofLibrary(media, writes);
    const name = writes ? "getImages into a folder" : "getImages";
    console.log(`  ${name}: ${warm.toFixed(0)} us, ${cold.toFixed(0)} us in a pool's first loop over 13 s`);
  }
  const { each, one } = await ofCommand(media);
  const mean = each.reduce((sum, us) => sum + us, 0) / each.length;
  const all = each.map((us) => us.toFixed(0)).join(", ");
  console.log(
    `  the command, which writes it: ${mean.toFixed(0)} us (${all}), and ${one.toFixed(0)} ms to start and make one`,
  );
}

function runOnce(job: PictureJob, media: Media, side: Side, isCompared: boolean): Run {
  const out = mkdtempSync(join(tmpdir(), "framepool-jobs-"));
  try {
    const usage = timed(job[side](media, out));
    const names = picturesIn(out);
    const bytes = names.reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
    return {
      ...usage,
      pictures: names.length,
      bytes,
      ssim: isCompared ? meanSimilarity(job, media, side, out, names) : undefined,
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function meanSimilarity(job: PictureJob, media: Media, side: Side, out: string, names: readonly string[]): number {
  const prefixOf = side === "ours" ? job.ourPrefix : job.theirPrefix;
  const values = job.compared(media).map((video) => {
    const pictures = names.filter((name) => name.startsWith(prefixOf(video))).map((name) => join(out, name));
    return similarity(video, job.filters, pictures, side === "ours" ? "bt601" : "bt709");
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function describe(name: string, runs: readonly Run[]): void {
  const [run] = runs;
  if (run === undefined) return;
  const size = (run.bytes / run.pictures / 1000).toFixed(1);
  const times = `wall ${(median(runs, "wallMs") / 1000).toFixed(2)} s, CPU ${(median(runs, "cpuMs") / 1000).toFixed(2)} s`;
  console.log(`  ${name}: ${times}, ${run.pictures} pictures of ${size} kB, SSIM ${run.ssim?.toFixed(4) ?? "?"}`);
}

function ratio(ours: readonly Run[], theirs: readonly Run[], what: keyof Usage): string {
  return (median(ours, what) / median(theirs, what)).toFixed(2);
}

function median(runs: readonly Run[], what: keyof Usage): number {
  const sorted = runs.map((run) => run[what]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
