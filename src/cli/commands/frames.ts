import { messageOf } from "../../errors.js";
import { DecoderPool } from "../../index.js";
import { Extraction, type ExtractionOptions, maxOutputBytes, type Summary } from "../extraction.js";
import {
  imageHelp,
  imageOptions,
  type ImageOptions,
  type ImageValues,
  parseImageOptions,
  parseLike,
} from "../images.js";
import { Inputs } from "../inputs.js";
import { Interrupted, interruptible } from "../interrupt.js";
import { codeOf, plural } from "../messages.js";
import { OutputFolder } from "../output-folder.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { Progress } from "../progress.js";
import { parseSelection, selectionOptions, type SelectionValues } from "../selection.js";
import { parseCommandLine, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool frames FILE... SELECTION --out DIR [options]

Writes frames as images: DIR/<name>/<frame number>_<seconds>s.<format>, and a line for each in DIR/manifest.jsonl.
Run again with the same options, it makes only what is missing or whose video has changed. Nothing else is ever
replaced or deleted: images of other options stay beside the new ones, and a file of yours that has the name of an
image is an error. An image of the same frame in another size or quality has that in its name.

  FILE             a video, a folder with videos in it and below it, or - for a list on standard input, one per line (or as of find -print0)
Selection, one of:
  --every TIME     the frame shown at the first picture and each TIME after: 2.5, 1s, 500ms
  --indices LIST   these frames, counted from 0; -1 is the last one
  --times LIST     the frames shown at these times, 90.5 or 1:30.5, on the video's own clock, which need not begin at 0
  --fractions LIST the frames shown at these parts of the duration: 0 is the first picture, 1 or 100% the last
  --count N        N frames spread evenly from the first to the last
  --keyframes      the key frames
  --all            all frames
  --step N         every Nth frame
  --scenes         one frame of each scene, in its middle (see "framepool scenes")
  --range RANGE    frames such as 0:100 or 0:100:5, as of a slice; or what is shown in 10s:20s, or 10s:20s:2fps
To a selection:
  --from start     times of --times and --range count from the first picture (--from clock, the default: the video's clock)
  --best           in the place of each the best near it, up to a second and halfway to its neighbours (of --scenes: in its scene); where all
                   there are black, blank or blurred, none
  --clamp          times and numbers outside the video stand for the nearest inside
Options:
  --out DIR        where to write; made when it is not there
  --format NAME    png (default), jpeg or webp
${imageHelp}
${poolHelp(16)}
  --like NAME      how images are named: "{name}/{index}.jpg", "{name}/{index}_{seconds}_{width}x{height}.png"
  --json           on standard output, a JSON object for each image, each file that failed, and at the end a summary
  --force          also make what is there already, and what other options made of an older version of the video

Two videos of the same name get folders of their own: talk and talk-1f0c3a9b.
The manifest lists what is there of the videos as they are now. Each line has source, key (the folder), index, ptsSeconds, durationSeconds, status, path, width and height.

Examples:
  framepool frames talk.mp4 --every 1s --out frames
  framepool frames *.mp4 --every 1s --resize 640x --format jpeg --out frames
  framepool frames talk.mp4 --times 90,95.5 --out .
  framepool frames film.mp4 --scenes --best --out frames
  framepool frames talk.mp4 --indices 0,5,-1 --out frames
  framepool frames talk.mp4 --range 10s:20s:2fps --from start --out frames
  find /data -name '*.mkv' | framepool frames - --count 8 --out thumbs

Exit code: 0 when everything is there, 1 when a file or a frame could not be read, 2 for a wrong command line.
`;

const options = {
  ...selectionOptions,
  ...imageOptions,
  out: { type: "string", short: "o" },
  ...poolOptions,
  force: { type: "boolean" },
  json: { type: "boolean" },
  like: { type: "string" },
  scenes: { type: "boolean" },
  best: { type: "boolean" },
} as const;

const usualThreshold = 10;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options);
  if (positionals.length === 0) throw new UsageError("say which files to read");
  const selection = values.scenes === true ? sceneSelection(values) : parseSelection(values);
  const image = imageOf(values);
  const settings = parsePoolOptions(values);
  if (values.out === undefined || values.out === "") throw new UsageError("say where to write: --out DIR");

  const out = await OutputFolder.open(values.out);
  const pool = new DecoderPool({ ...settings, limits: { maxOutputBytes } });
  const progress = new Progress();
  const extraction = new Extraction(pool, out, progress, {
    selection,
    best: values.best === true,
    image,
    force: values.force === true,
    filesAtOnce: settings.workers + 1,
    ...(values.json === true ? events : {}),
  });
  const inputs = new Inputs(positionals);
  try {
    await interruptible((signal) => extraction.run(inputs, signal));
  } catch (error) {
    if (error instanceof Interrupted)
      progress.say(`interrupted; ${describe(extraction.summary)}; run it again to go on`);
    throw error;
  } finally {
    inputs.close();
    progress.close();
    await pool.close();
    await out.close();
  }
  const { summary } = extraction;
  if (values.json === true) emit("done", { ...summary });
  progress.say(describe(summary) + speed(summary, progress.seconds) + place(summary, out));
  return summary.failed + summary.undecodable > 0 ? 1 : 0;
}

function imageOf({ like, ...values }: ImageValues & { like?: string }): ImageOptions {
  if (like === undefined) return parseImageOptions(values);
  const named = parseLike(like);
  const image = parseImageOptions({ ...values, format: values.format ?? named.format });
  if (image.format !== parseImageOptions({ format: named.format }).format)
    throw new UsageError(`--format ${image.format} and the name that --like gives contradict each other`);
  return { ...image, like: named.like };
}

function sceneSelection(values: SelectionValues): { readonly scenes: number } {
  const others = Object.keys(selectionOptions).filter(
    (name) => values[name as keyof typeof selectionOptions] !== undefined,
  );
  if (others.length > 0) throw new UsageError(`--scenes and --${others[0] ?? ""} exclude each other`);
  return { scenes: usualThreshold };
}

function emit(event: string, facts: object): void {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

/** Each image once it is in its place. */
const events: Pick<ExtractionOptions, "onDone" | "onFailed"> = {
  onDone(output) {
    const own = new Set(output.images.map(({ file }) => `${output.key}/${file}`));
    for (const entry of output.manifestEntries()) if (own.has(entry.path)) emit("image", entry);
  },
  onFailed: ({ name }, error) => emit("failed", { source: name, code: codeOf(error), message: messageOf(error) }),
};

function describe({ done, unchanged, failed, images }: Summary): string {
  const parts = [`${plural(images, "image")} of ${plural(done, "file")}`];
  if (unchanged > 0) parts.push(`${plural(unchanged, "file")} unchanged`);
  if (failed > 0) parts.push(`${plural(failed, "file")} failed`);
  return parts.join(", ");
}

function speed({ images }: Summary, seconds: number): string {
  return images === 0 ? "" : ` in ${seconds.toFixed(1)} s (${(images / seconds).toFixed(1)} frames/s)`;
}

function place({ done, unchanged }: Summary, { manifestPath }: OutputFolder): string {
  return done + unchanged === 0 ? "" : `; listed in ${manifestPath}`;
}

export const framesCommand: Command = { help, run };
