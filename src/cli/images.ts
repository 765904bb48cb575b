import type { Sharp } from "sharp";
import { type EncodeOptions, type Frame, type ImageFile, type Transform, transforms } from "../index.js";
import { loadSharp } from "./sharp.js";
import { parseInteger, UsageError, type ValuesOf } from "./usage.js";

export interface ImageOptions extends EncodeOptions {
  /** Done in the decoder. */
  readonly transforms: readonly Transform[];
  /** How files are named, without the extension: {index}, {seconds}, {width} and {height} stand for the picture's. */
  readonly like?: string;
}

/** What makes a picture look as it does in a player. */
export const asPlayed: readonly Transform[] = [transforms.toneMap({ to: "sdr" }), transforms.squarePixels()];

export const imageOptions = {
  format: { type: "string" },
  quality: { type: "string" },
  resize: { type: "string" },
  sar: { type: "string" },
  hdr: { type: "string" },
} as const;

export const imageHelp = `  --quality N      1 to 100, for jpeg and webp (default 90)
  --resize SIZE    640x360 exactly; 640x or x360: the other side follows
  --sar keep       pixels as stored (default: square, as in a player, where the video's are not)
  --hdr keep       colours as stored (default: those of PQ and HLG become standard range, as on an ordinary screen)`;

export type ImageValues = ValuesOf<typeof imageOptions>;

const formats: readonly EncodeOptions["format"][] = ["png", "jpeg", "webp"];
const defaultQuality = 90;
// The largest side that all three formats can hold.
const maxSide = 16_383;

export function parseImageOptions(values: ImageValues): ImageOptions {
  const format = parseFormat(values.format ?? "png");
  const own = parseTransforms(values);
  if (format !== "png") {
    const quality = parseInteger("--quality", values.quality ?? String(defaultQuality), 1, 100);
    return { format, transforms: own, quality };
  }
  if (values.quality !== undefined) throw new UsageError("--quality is for jpeg and webp: png loses nothing");
  return { format, transforms: own };
}

function parseTransforms({ resize, sar, hdr }: ImageValues): Transform[] {
  for (const [name, value] of Object.entries({ sar, hdr })) {
    if (value !== undefined && value !== "keep") throw new UsageError(`--${name} takes keep, not "${value}"`);
  }
  const kept = { toneMap: hdr, squarePixels: sar } as Readonly<Record<string, string | undefined>>;
  const played = asPlayed.filter(({ type }) => kept[type] === undefined);
  return resize === undefined ? played : [...played, parseResize(resize)];
}

const placeholder = /\{(\w*)\}/g;
const extensionOf = (format: EncodeOptions["format"]): string => (format === "jpeg" ? "jpg" : format);

/** "{name}/{index}.jpg": the file's name, and its format. */
export function parseLike(text: string): { readonly like: string; readonly format: string } {
  const hint = `--like takes a name such as "{name}/{index}.jpg" or "{name}/{index}_{seconds}.png"`;
  const [, like = "", format = ""] = /^\{name\}\/([^/\\<>:"|?*\p{Cc}]+)\.(jpg|jpeg|png|webp)$/u.exec(text) ?? [];
  const used = [...like.matchAll(placeholder)].map(([, key = ""]) => key);
  const known = ["index", "seconds", "width", "height"];
  if (like.startsWith(".") || !used.includes("index") || used.some((key) => !known.includes(key)))
    throw new UsageError(`${hint}, with {index} in it; {seconds}, {width}, {height} if you like; not "${text}"`);
  return { like, format };
}

function parseFormat(text: string): EncodeOptions["format"] {
  const format = formats.find((name) => name === (text === "jpg" ? "jpeg" : text));
  if (format === undefined) throw new UsageError(`--format takes ${formats.join(", ")}, not "${text}"`);
  return format;
}

function parseResize(text: string): Transform {
  const match = /^(\d*)x(\d*)$/.exec(text);
  const [, width = "", height = ""] = match ?? [];
  const side = (digits: string): number => parseInteger("--resize", digits, 1, maxSide);
  if (width !== "" && height !== "") return transforms.resize([side(height), side(width)]);
  if (width !== "") return transforms.resize({ width: side(width) });
  if (height !== "") return transforms.resize({ height: side(height) });
  throw new UsageError(`--resize takes 640x360, 640x or x360, not "${text}"`);
}

/** What the workers are told of it. */
export function encodeOptions({ format, quality }: ImageOptions): EncodeOptions {
  return { format, quality };
}

/** How images are named. */
export interface ImageNaming {
  /** Of an image. */
  readonly usual: (image: ImageFile) => string;
  /** Where other options gave that one to an image that differs. */
  readonly distinct: (image: ImageFile) => string;
}

/** Once for all images. */
export function imageNaming({ format, quality, like = "{index}_{seconds}s" }: ImageOptions): ImageNaming {
  // Between the placeholders, of which each second part is the key.
  const parts = like.split(placeholder);
  const extension = extensionOf(format);
  const nameOf = (image: ImageFile): string =>
    parts.reduce((name, part, i) => name + (i % 2 === 0 ? part : valueOf(part, image)));
  return {
    usual: (image) => `${nameOf(image)}.${extension}`,
    distinct: (image) => {
      const kind = `${image.width}x${image.height}${quality === undefined ? "" : `_q${quality}`}`;
      return `${nameOf(image)}_${kind}.${extension}`;
    },
  };
}

function valueOf(key: string, { index, ptsSeconds, width, height }: ImageFile): string {
  if (key === "index") return String(index).padStart(6, "0");
  if (key === "seconds") return ptsSeconds.toFixed(3);
  return String(key === "width" ? width : height);
}

/** An rgb24 frame, for sharp. */
export async function rawImage({ data, width, height }: Frame): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } });
}
