#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { propertyOf } from "../errors.js";
import { runToExit } from "./run.js";
import { UsageError, type Command } from "./usage.js";

const help = `Usage: framepool COMMAND FILE... [options]

Frames out of video files, decoded by FFmpeg in a pool of worker threads.

Commands:
  probe     what a video is: codec, size, frames, rate, duration
  frames    frames as png, jpeg or webp files, with a manifest
  sheet     one picture of many frames: a contact sheet
  sprite    what players show over their time line: sheets of small pictures and a WebVTT track
  scenes    where the cuts are
  view      a page in the browser on which a video is looked at frame by frame
  dataset   samples in shards, for training: WebDataset's tar files, on one machine or many
  queue     the same by many machines, which take shards from a queue on a Redis server
  doctor    whether framepool works here, and what to do if not
  build     builds the native addon against this system's FFmpeg

  framepool COMMAND --help    options and examples of a command
  framepool --version

Examples:
  framepool probe talk.mp4
  framepool frames *.mp4 --every 1s --resize 640x --format jpeg --out frames
  framepool frames talk.mp4 --times 90,95.5 --out .
  framepool sheet talk.mp4 --count 16 -o sheet.jpg
  framepool view talk.mp4 --open
  find /data -name '*.mkv' | framepool frames - --count 8 --out thumbs
`;

const commands = new Map<string, () => Promise<Command>>([
  ["probe", async () => (await import("./commands/probe.js")).probeCommand],
  ["frames", async () => (await import("./commands/frames.js")).framesCommand],
  ["sheet", async () => (await import("./commands/sheet.js")).sheetCommand],
  ["sprite", async () => (await import("./commands/sprite.js")).spriteCommand],
  ["scenes", async () => (await import("./commands/scenes.js")).scenesCommand],
  ["view", async () => (await import("./commands/view.js")).viewCommand],
  ["dataset", async () => (await import("./commands/dataset.js")).datasetCommand],
  ["queue", async () => (await import("./commands/queue.js")).queueCommand],
  ["doctor", async () => (await import("./commands/doctor.js")).doctorCommand],
  ["build", async () => (await import("./commands/build.js")).buildCommand],
]);

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const options = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  const command = name === undefined ? undefined : commands.get(name);
  if (options.includes("--help") || options.includes("-h") || name === "help") {
    const explained = await (command ?? commands.get(rest[0] ?? ""))?.();
    process.stdout.write(explained?.help ?? help);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (command === undefined) {
    throw new UsageError(
      name === undefined
        ? "say what to do: probe, frames, sheet, sprite, scenes, view, dataset, queue, doctor or build"
        : `unknown command ${name}`,
    );
  }
  return (await command()).run(rest);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as object;
  return String(propertyOf(manifest, "version"));
}

const args = process.argv.slice(2);
const named = commands.has(args[0] ?? "") ? ` ${args[0] ?? ""}` : "";
await runToExit(() => main(args), `framepool${named} --help`);
