import { basename, extname, resolve } from "node:path";
import type { VideoDecoder } from "../../index.js";
import { forEachBounded } from "../bounded.js";
import { cellSize, drawSheet, isForeign, sheetSize, thumbnail, type Cell, type SheetLayout } from "../contact-sheet.js";
import { exists, writeWhole } from "../files.js";
import { asPlayed, rawImage } from "../images.js";
import type { Input } from "../inputs.js";
import { clock } from "../clock.js";
import { plural, say } from "../messages.js";
import { metadataLine } from "../metadata-table.js";
import { onlyFile, withPool } from "../one-file.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { selectedFrames } from "../selected-frames.js";
import { checkSharp } from "../sharp.js";
import { parseCommandLine, parseInteger, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool sheet FILE [options]

Writes a contact sheet: pictures spread evenly over the video, each with its time.

  -o, --out IMAGE    .jpg, .png or .webp; replaces a file that is there
                     (default: <name>-sheet.jpg in the current folder, which replaces nothing but a sheet)
  --count N          pictures (default 16)
  --columns N        pictures side by side (default 4)
  --width N          of one picture, in pixels (default 320)
${poolHelp(18)}

Examples:
  framepool sheet talk.mp4 -o sheet.jpg
  framepool sheet talk.mp4 --count 30 --columns 6 --width 240 -o talk.png

Exit code: 0 when all pictures are there, 1 when the file or a frame could not be read, 2 for a wrong command line.
`;

const options = {
  out: { type: "string", short: "o" },
  count: { type: "string", default: "16" },
  columns: { type: "string", default: "4" },
  width: { type: "string", default: "320" },
  ...poolOptions,
} as const;

const thumbnailsAtOnce = 8;
const extensions = [".jpg", ".jpeg", ".png", ".webp"];

interface Sheet {
  readonly image: Buffer;
  /** Frames that could not be decoded. */
  readonly missing: number;
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options);
  const input = onlyFile("sheet", positionals);
  const out = values.out ?? `${input.stem}-sheet.jpg`;
  if (!extensions.includes(extname(out).toLowerCase()))
    throw new UsageError(`--out takes a name that ends in ${extensions.join(", ")}`);
  if (resolve(out) === input.id) throw new UsageError("--out would overwrite the video");
  const columns = parseInteger("--columns", values.columns, 1, 1000);
  const count = parseInteger("--count", values.count, 1, 10_000);
  const width = parseInteger("--width", values.width, 16, 8192);

  checkSharp();
  // Whoever names a file means it; a name that we chose takes no file from anybody.
  if (values.out === undefined && (await isForeign(out)))
    throw new UsageError(`${out} is there, and is no sheet of framepool: name one with --out, which replaces it`);

  return await withPool(input, parsePoolOptions(values), async (pool, signal) => {
    const video = await pool.openVideo(input.source, { onError: "skip", transforms: asPlayed, signal });
    const pictures = Math.min(count, video.length);
    const sheet = await makeSheet(
      video,
      input,
      pictures,
      { columns: Math.max(1, Math.min(columns, pictures)), width, out },
      signal,
    );
    const replaced = exists(out) ? ", replaced" : "";
    writeWhole(out, sheet.image);
    say(`${out}${replaced}: ${plural(pictures, "picture")} of ${input.name}`);
    if (sheet.missing === 0) return 0;
    say(`${input.name}: cannot be decoded (E_DECODE): ${plural(sheet.missing, "frame")}, left empty`);
    return 1;
  });
}

async function makeSheet(
  video: VideoDecoder,
  input: Input,
  count: number,
  { columns, width, out }: { columns: number; width: number; out: string },
  signal: AbortSignal,
): Promise<Sheet> {
  const layout: SheetLayout = { columns, cell: cellSize(video.metadata, width) };
  sheetSize(layout, count);
  const undecodable = new Set<number>();
  const frames = selectedFrames(video, { count }, undecodable, signal);
  const cells = new Map<number, Cell>();
  await forEachBounded(frames, thumbnailsAtOnce, async ({ frame, giveBack }) => {
    const pixels = await thumbnail(await rawImage(frame), layout.cell);
    cells.set(frame.index, { pixels, caption: clock(frame.ptsSeconds) });
    giveBack();
  });
  for (const index of undecodable) cells.set(index, { pixels: undefined, caption: `frame ${index}` });
  const inOrder = [...cells].sort(([a], [b]) => a - b).map(([, cell]) => cell);
  const drawn = await drawSheet(inOrder, layout, basename(input.name), metadataLine(video.metadata));
  return { image: await encode(drawn, out), missing: undecodable.size };
}

async function encode(sheet: Awaited<ReturnType<typeof drawSheet>>, out: string): Promise<Buffer> {
  const extension = extname(out).toLowerCase();
  if (extension === ".png") return sheet.png().toBuffer();
  return (extension === ".webp" ? sheet.webp({ quality: 90 }) : sheet.jpeg({ quality: 90 })).toBuffer();
}

export const sheetCommand: Command = { help, run };
