import { basename, dirname, extname, join, resolve } from "node:path";
import { type SpriteSheet, sprites, spriteTrack } from "../../index.js";
import { exists, writeWhole } from "../files.js";
import { plural, say } from "../messages.js";
import { onlyFile, withPool } from "../one-file.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { checkSharp, loadSharp } from "../sharp.js";
import { parseCommandLine, parseInteger, parseSeconds, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool sprite FILE --every TIME [options]

Writes what players show over their time line: sheets of small pictures, and a WebVTT track that says which part of which
sheet belongs to which seconds (name.jpg#xywh=x,y,width,height).

  --every TIME       from a picture to the next: 10s, 2.5, 500ms
  -o, --out TRACK    the track (default: <name>-sprite.vtt in the current folder); the sheets lie beside it: <name>-sprite-0.jpg
  --tile CxR         pictures side by side, and rows of them, on a sheet (default 10x10)
  --width N          of a picture, in pixels (default 160)
  --format NAME      jpeg (default), png or webp
  --quality N        1 to 100, for jpeg and webp (default 80)
  --force            replace files that are there
${poolHelp(18)}

Examples:
  framepool sprite film.mp4 --every 10s
  framepool sprite film.mp4 --every 5s --tile 5x5 --width 320 --out thumbs/film.vtt

Exit code: 0, 1 when the file could not be read, 2 for a wrong command line.
`;

const options = {
  every: { type: "string" },
  out: { type: "string", short: "o" },
  tile: { type: "string", default: "10x10" },
  width: { type: "string", default: "160" },
  format: { type: "string", default: "jpeg" },
  quality: { type: "string", default: "80" },
  force: { type: "boolean" },
  ...poolOptions,
} as const;

const formats = { jpeg: "jpg", png: "png", webp: "webp" } as const;
type Format = keyof typeof formats;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options);
  const input = onlyFile("sprite", positionals);
  if (values.every === undefined) throw new UsageError("say how far apart the pictures are: --every 10s");
  const every = parseSeconds("--every", values.every);
  if (every < 0.001) throw new UsageError(`--every takes a time of at least 1ms, not "${values.every}"`);
  const tile = parseTile(values.tile);
  const width = parseInteger("--width", values.width, 16, 8192);
  const quality = parseInteger("--quality", values.quality, 1, 100);
  const { format } = values;
  if (!(format in formats)) throw new UsageError(`--format takes jpeg, png, webp, not "${format}"`);
  const track = values.out ?? `${input.stem}-sprite.vtt`;
  if (extname(track) !== ".vtt") throw new UsageError("--out takes a name that ends in .vtt");
  const stem = basename(track, ".vtt");
  const nameOf = (number: number): string => `${stem}-${String(number)}.${formats[format as Format]}`;
  checkSharp();
  const sheets: Pick<SpriteSheet, "sprites">[] = [];
  return await withPool(input, parsePoolOptions(values), async (pool, signal) => {
    const place = async (name: string, data: Uint8Array | string): Promise<void> => {
      const path = join(dirname(resolve(track)), name);
      if (values.force !== true && exists(path))
        throw new UsageError(`${path} is there: name another with --out, or replace it with --force`);
      writeWhole(path, data);
    };
    for await (const sheet of sprites(input.source, { every, tile, width, pool, signal })) {
      await place(nameOf(sheets.length), await encoded(sheet, format as Format, quality));
      sheets.push({ sprites: sheet.sprites });
    }
    await place(
      `${stem}.vtt`,
      spriteTrack(
        sheets,
        sheets.map((_, i) => nameOf(i)),
      ),
    );
    const pictures = sheets.reduce((sum, sheet) => sum + sheet.sprites.length, 0);
    say(`${track}: ${plural(pictures, "picture")} of ${input.name} on ${plural(sheets.length, "sheet")}`);
    return 0;
  });
}

function parseTile(text: string): readonly [number, number] {
  const [, columns = "", rows = ""] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (columns === "") throw new UsageError(`--tile takes columns and rows such as 10x10, not "${text}"`);
  return [parseInteger("--tile", columns, 1, 1000), parseInteger("--tile", rows, 1, 1000)];
}

async function encoded({ data, width, height }: SpriteSheet, format: Format, quality: number): Promise<Buffer> {
  const sharp = await loadSharp();
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === "png" ? image.png() : image.toFormat(format, { quality })).toBuffer();
}

export const spriteCommand: Command = { help, run };
