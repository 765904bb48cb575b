import type { Sharp } from "sharp";
import { type EncodedImage, type EncodeOptions, type Frame, type Transform, transforms } from "../index.js";
import { loadSharp } from "./sharp.js";
import { parseInteger, UsageError } from "./usage.js";

export interface ImageOptions extends EncodeOptions {
  /** Done in the decoder. */
  readonly resize?: Transform;
}

export const imageOptions = {
  format: { type: "string" },
  quality: { type: "string" },
  resize: { type: "string" },
} as const;

const formats: readonly EncodeOptions["format"][] = ["png", "jpeg", "webp"];
const defaultQuality = 90;
// The largest side that all three formats can hold.
const maxSide = 16_383;

export function parseImageOptions(values: { format?: string; quality?: string; resize?: string }): ImageOptions {
  const format = parseFormat(values.format ?? "png");
  const resize = values.resize === undefined ? {} : { resize: parseResize(values.resize) };
  if (format !== "png") {
    return { format, ...resize, quality: parseInteger("--quality", values.quality ?? String(defaultQuality), 1, 100) };
  }
  if (values.quality !== undefined) throw new UsageError("--quality is for jpeg and webp: png loses nothing");
  return { format, ...resize };
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
  return quality === undefined ? { format } : { format, quality };
}

/** The name of an image, and the one it has where other options gave the first to an image that differs. */
export function imageNames(image: EncodedImage, { format, quality }: ImageOptions): readonly [string, string] {
  const { index, ptsSeconds, width, height } = image;
  const extension = format === "jpeg" ? "jpg" : format;
  const name = `${String(index).padStart(6, "0")}_${ptsSeconds.toFixed(3)}s`;
  const kind = quality === undefined ? `${width}x${height}` : `${width}x${height}_q${quality}`;
  return [`${name}.${extension}`, `${name}_${kind}.${extension}`];
}

/** An rgb24 frame, for sharp. */
export async function rawImage({ data, width, height }: Frame): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } });
}
