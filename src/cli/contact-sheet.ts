import type { Sharp } from "sharp";
import type { VideoStreamMetadata } from "../index.js";
import { exists } from "./files.js";
import { loadSharp } from "./sharp.js";
import { UsageError } from "./usage.js";

const gap = 12;
const headerHeight = 64;
const captionHeight = 26;
const background = "#14161a";
const emptyCell = "#2a2e35";
const bright = "#f2f3f5";
const dim = "#9aa1ab";
const fonts = "DejaVu Sans, Helvetica, Arial, sans-serif";
// Width of an average character of these fonts, in units of the font's size.
const characterWidth = 0.62;

/** Tells sheets of ours from other pictures. */
const mark = "framepool sheet";

/** Whether there is a picture that drawSheet() did not draw, or another file. */
export async function isForeign(path: string): Promise<boolean> {
  if (!exists(path)) return false;
  const sharp = await loadSharp();
  const exif = await sharp(path)
    .metadata()
    .then(({ exif: bytes }) => bytes)
    .catch(() => undefined);
  return exif?.includes(mark) !== true;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Cell {
  /** RGB pixels of the sheet's cell size; undefined where there is no picture. */
  readonly pixels: Buffer | undefined;
  readonly caption: string;
}

export interface SheetLayout {
  readonly columns: number;
  readonly cell: Size;
}

/** The size of a cell that shows the video as it is meant to be seen: not all pixels are square. */
export function cellSize({ width, height, rotation, pixelAspectRatio }: VideoStreamMetadata, cellWidth: number): Size {
  const stored = pixelAspectRatio === null ? 1 : pixelAspectRatio.num / pixelAspectRatio.den;
  const shape = Math.abs(Math.round((rotation ?? 0) / 90)) % 2 === 1 ? 1 / stored : stored;
  return { width: cellWidth, height: Math.max(1, Math.round((cellWidth * height) / (width * shape))) };
}

export async function thumbnail(image: Sharp, { width, height }: Size): Promise<Buffer> {
  return image.resize({ width, height, fit: "fill" }).removeAlpha().toColourspace("srgb").raw().toBuffer();
}

/** Throws a UsageError where the picture would be larger than image formats allow. */
export function sheetSize({ columns, cell }: SheetLayout, cells: number): Size {
  const rows = Math.ceil(cells / columns);
  const width = gap + columns * (cell.width + gap);
  const height = headerHeight + rows * (cell.height + captionHeight + gap);
  if (Math.max(width, height) <= 16_383) return { width, height };
  throw new UsageError(`a sheet of ${width}x${height} pixels is too large: ask for fewer or smaller pictures`);
}

/** A grid of pictures, each with its caption beneath, under a title and a line of facts. */
export async function drawSheet(
  cells: readonly Cell[],
  layout: SheetLayout,
  title: string,
  facts: string,
): Promise<Sharp> {
  const sharp = await loadSharp();
  const size = sheetSize(layout, cells.length);
  const { columns, cell } = layout;
  const place = (position: number): { left: number; top: number } => ({
    left: gap + (position % columns) * (cell.width + gap),
    top: headerHeight + Math.floor(position / columns) * (cell.height + captionHeight + gap),
  });
  const pictures = cells.map(({ pixels }, position) => ({
    ...place(position),
    ...(pixels === undefined
      ? { input: { create: { ...cell, channels: 3 as const, background: emptyCell } } }
      : { input: pixels, raw: { ...cell, channels: 3 as const } }),
  }));
  const captions = cells.map(({ caption }, position) => {
    const { left, top } = place(position);
    const text = { text: caption, size: 15, color: bright, maxWidth: cell.width, anchor: "middle" } as const;
    return textElement({ ...text, x: left + cell.width / 2, y: top + cell.height + 18 });
  });
  const header = [
    textElement({
      text: title,
      size: 20,
      color: bright,
      maxWidth: size.width - 2 * gap,
      x: gap,
      y: 30,
      weight: "bold",
    }),
    textElement({ text: facts, size: 14, color: dim, maxWidth: size.width - 2 * gap, x: gap, y: 52 }),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${[...header, ...captions].join("")}</svg>`;
  const sheet = sharp({ create: { ...size, channels: 3, background } });
  const drawn = sheet.composite([...pictures, { input: Buffer.from(svg) }]).removeAlpha();
  return drawn.withExif({ IFD0: { Software: mark } });
}

interface Text {
  readonly text: string;
  readonly size: number;
  readonly color: string;
  readonly maxWidth: number;
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle";
  readonly weight?: "normal" | "bold";
}

function textElement({ text, size, color, maxWidth, x, y, anchor = "start", weight = "normal" }: Text): string {
  const fontSize = Math.max(9, Math.min(size, maxWidth / (text.length * characterWidth)));
  const fits = Math.floor(maxWidth / (fontSize * characterWidth));
  const shown = text.length > fits ? `${text.slice(0, Math.max(1, fits - 3))}...` : text;
  const font = `font-family="${fonts}" font-size="${fontSize.toFixed(1)}" font-weight="${weight}"`;
  return `<text x="${x}" y="${y}" ${font} fill="${color}" text-anchor="${anchor}">${escapeXml(shown)}</text>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  // Control characters and halves of a surrogate pair are not allowed in XML at all.
  return text.replace(/[\p{Cc}\p{Cs}]/gu, "?").replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
