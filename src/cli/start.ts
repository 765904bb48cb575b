import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { type DecoderPool, type VideoDecoder, type VideoStreamMetadata, versions } from "../index.js";
import { cellSize, drawSheet, isForeign, thumbnail, type Cell } from "./contact-sheet.js";
import { Extraction, maxOutputBytes } from "./extraction.js";
import { OutputError, writeWhole } from "./files.js";
import { type Input, Inputs, toInput } from "./inputs.js";
import { asPlayed } from "./images.js";
import { clock } from "./clock.js";
import { plural } from "./messages.js";
import { metadataLine, metadataTable } from "./metadata-table.js";
import { withPool } from "./one-file.js";
import { OutputFolder } from "./output-folder.js";
import { Progress } from "./progress.js";
import { runToExit } from "./run.js";
import { makeSample, sampleDescription } from "./sample-video.js";
import { loadSharp } from "./sharp.js";
import type { SourceOutput } from "./source-output.js";
import type { ImageRecord } from "./source-record.js";
import { parseCommandLine, UsageError } from "./usage.js";

// The main job, as `npm start -- [video]` runs it: pictures of a video, and one sheet of them.

const outFolder = "framepool-out";
const fewest = 16;
const most = 64;
const onSheet = 16;
const measuredSeconds = 2;

const help = `Usage: npm start -- [video]

Writes frames of the video as PNG files, one a second but ${fewest} to ${most}, and one contact sheet, below ${outFolder}/.
Without a video it makes a sample with the ffmpeg command. More: npx framepool --help
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, { help: { type: "boolean", short: "h" } });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError("one video at a time");
  const input = toInput(positionals[0] ?? (await sample()));
  const workers = availableParallelism();
  return await withPool(input, { workers, limits: { maxOutputBytes } }, (pool, signal) =>
    run(pool, workers, input, signal),
  );
}

async function sample(): Promise<string> {
  const path = join(outFolder, "sample.mp4");
  print(`No video given (npm start -- VIDEO): using a generated sample, ${sampleDescription}.`);
  const made = await makeSample(path);
  print(made === "made" ? `The ffmpeg command made ${path}.` : `${path} is there from an earlier run.`);
  return path;
}

async function run(pool: DecoderPool, workers: number, input: Input, signal: AbortSignal): Promise<number> {
  const opening = performance.now();
  const video = await pool.openVideo(input.source, { onError: "skip", signal });
  const { metadata } = video;
  print(`\n${input.name}\n${metadataTable(metadata)}\n`);
  const opened = secondsSince(opening).toFixed(3);
  const { addon, ffmpeg } = await versions();
  print(`FFmpeg ${ffmpeg.version} (${addon.from}: ${addon.path})`);
  print(`Opened and indexed in ${opened} s.`);

  const oneASecond = Math.round(metadata.durationSeconds ?? 0);
  const count = Math.max(1, Math.min(video.length, most, Math.max(fewest, oneASecond)));
  print(`Decoding alone: ${await decodeOnly(video, signal)}.`);
  await video.close();
  return writePictures(pool, { workers, count, input, metadata }, signal);
}

/** How fast frames come, from the first on, where nothing is done with them. */
async function decodeOnly(video: VideoDecoder, signal: AbortSignal): Promise<string> {
  const started = performance.now();
  let frames = 0;
  for await (const frame of video.frames({ signal })) {
    frame.release();
    frames += 1;
    if (secondsSince(started) > measuredSeconds) break;
  }
  return `${rate(frames, secondsSince(started))}, one after the other, as RGB pixels`;
}

interface Task {
  readonly workers: number;
  readonly count: number;
  readonly input: Input;
  readonly metadata: VideoStreamMetadata;
}

async function writePictures(pool: DecoderPool, task: Task, signal: AbortSignal): Promise<number> {
  const { workers, count, input, metadata } = task;
  const out = await OutputFolder.open(outFolder);
  const progress = new Progress();
  try {
    const outputs: SourceOutput[] = [];
    const extraction = new Extraction(pool, out, progress, {
      selection: { count },
      image: { format: "png", transforms: asPlayed },
      force: true,
      filesAtOnce: workers + 1,
      onDone: (output) => outputs.push(output),
    });
    await extraction.run(new Inputs([input.name]), signal);
    const { seconds } = progress;
    progress.close();
    const { summary } = extraction;
    const [output] = outputs;
    if (output === undefined) return 1;
    const { images, folder } = output;
    print(
      `Decoding and writing PNG files: ${rate(summary.images, seconds)}, spread over the video, ${plural(workers, "worker")}.`,
    );
    const sheet = join(folder, "sheet.jpg");
    if (await isForeign(sheet)) throw new OutputError(`${sheet}: is there, and is no sheet of framepool: move it`);
    await writeSheet(sheet, folder, images, input, metadata);
    print(`\nFrames:         ${join(folder, "*.png")} (${plural(images.length, "file")})`);
    print(`Contact sheet:  ${sheet}`);
    print(`Manifest:       ${out.manifestPath}`);
    return summary.undecodable > 0 ? 1 : 0;
  } finally {
    progress.close();
    await pool.close();
    await out.close();
  }
}

async function writeSheet(
  path: string,
  folder: string,
  images: readonly ImageRecord[],
  input: Input,
  metadata: VideoStreamMetadata,
): Promise<void> {
  const layout = { columns: 4, cell: cellSize(metadata, 320) };
  const sharp = await loadSharp();
  const cells = spread(images, onSheet).map(async ({ file, ptsSeconds }): Promise<Cell> => {
    return { pixels: await thumbnail(sharp(join(folder, file)), layout.cell), caption: clock(ptsSeconds) };
  });
  const drawn = await drawSheet(await Promise.all(cells), layout, basename(input.name), metadataLine(metadata));
  writeWhole(path, await drawn.jpeg({ quality: 90 }).toBuffer());
}

/** `count` items from the first to the last, or all where there are fewer. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  const chosen = new Set(Array.from({ length: count }, (_, i) => Math.floor((i * (items.length - 1)) / (count - 1))));
  return items.filter((_, position) => chosen.has(position));
}

function rate(frames: number, seconds: number): string {
  return `${plural(frames, "frame")} in ${seconds.toFixed(2)} s (${(frames / seconds).toFixed(1)} frames/s)`;
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await runToExit(() => main(process.argv.slice(2)), "npm start -- --help");
