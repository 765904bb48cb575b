import { FramepoolError } from "../errors.js";
import { type OutputRequest, type OutputSpec, outputSpec } from "./output.js";
import type { StreamInfo } from "./stream-info.js";

/** What `encode` writes: JPEG, PNG or WebP. */
export type ImageFormat = "jpeg" | "png" | "webp";

/** How pictures are encoded. */
export interface Encoding {
  readonly format: ImageFormat;
  /** 1 to 100; PNG loses nothing whatever it says. */
  readonly quality: number;
  /** Where the workers write them, as an absolute path; undefined: they are handed over. */
  readonly folder: string | undefined;
}

/** The native layer's numbers. */
export const imageFormatCodes: Readonly<Record<ImageFormat, number>> = { jpeg: 0, png: 1, webp: 2 };

/** Pixels along a side, at most. JPEG: libjpeg's, a little less than what the format has room for. */
const longestSides: Readonly<Record<ImageFormat, number>> = { jpeg: 65_500, png: 2 ** 31 - 1, webp: 16_383 };

/** About what a picture takes once it is encoded, in bytes a pixel: to know beforehand how many there is room for. */
const expectedBytes: Readonly<Record<ImageFormat, number>> = { jpeg: 0.5, png: 2, webp: 0.25 };

/**
 * The pixels that are encoded, where a video's frames are what `request` says: what only makes numbers of them does not
 * matter. Throws as outputSpec, and E_LIMIT for what is larger than the format allows.
 */
export function imageSpec(
  info: StreamInfo,
  { pixelFormat, transforms }: OutputRequest,
  maxPixels: number,
  { format }: Encoding,
): OutputSpec {
  const hasNoAlpha = pixelFormat === "native" || (pixelFormat === "rgba" && format === "jpeg");
  const request: OutputRequest = {
    pixelFormat: hasNoAlpha ? "rgb24" : pixelFormat,
    dtype: "uint8",
    dimensionOrder: "NHWC",
    transforms: transforms.filter(({ type }) => type !== "normalize"),
  };
  const spec = outputSpec(info, request, maxPixels);
  if (Math.max(spec.width, spec.height) <= longestSides[format]) return spec;
  throw new FramepoolError(
    "E_LIMIT",
    `pictures of ${String(spec.width)}x${String(spec.height)} are too large for ${format}, which holds ${String(longestSides[format])} pixels a side`,
  );
}

/** Memory that so many pictures take, about: none where the workers write them. */
export function expectedImageBytes(
  pictures: number,
  { width, height }: OutputSpec,
  { format, folder }: Encoding,
): number {
  return folder === undefined ? Math.ceil(pictures * width * height * expectedBytes[format]) : 0;
}

/** A picture's file is named by its frame: `000012.jpg`. */
export function imageFileName(frame: number, format: ImageFormat): string {
  return `${String(frame).padStart(6, "0")}.${format === "jpeg" ? "jpg" : format}`;
}
