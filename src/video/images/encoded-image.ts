import { integer, knownKeys, oneOf } from "../../arguments.js";
import { argumentError } from "../../errors.js";
import { at } from "../../protocol/frame-index.js";
import type { Encoding, ImageFormat } from "../../protocol/image.js";
import type { MaybeImage } from "../../protocol/image-jobs.js";
import { type FrameStatus, frameStatuses } from "../../protocol/video.js";
import type { Rows } from "../frame.js";

/** How pictures are encoded. */
export interface EncodeOptions {
  /** `jpeg` has the chroma resolution of the video (4:2:0 mostly), `png` loses nothing, `webp` is with losses. */
  readonly format: ImageFormat;
  /** 1 to 100, for jpeg and webp. Default 90. */
  readonly quality?: number;
}

/** A picture as a file, encoded by the worker that decoded it. Its memory is its own: there is nothing to release. */
export interface EncodedImage {
  /** As it was asked for. */
  readonly format: ImageFormat;
  /** The file's bytes. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** The frame that it shows. */
  readonly index: number;
  /** When that frame comes on screen, on the file's clock. */
  readonly ptsSeconds: number;
  /** How long that frame is on screen. */
  readonly durationSeconds: number;
  /** The time that was asked for; undefined where the selection names none. */
  readonly targetSeconds: number | undefined;
  /** How that frame came about. */
  readonly status: Exclude<FrameStatus, "skipped">;
}

/** A frame that could not be decoded and was left out (`onError: "skip"`). */
export interface SkippedFrame {
  /** Its number. */
  readonly index: number;
  /** When it would be on screen, on the file's clock. */
  readonly ptsSeconds: number;
}

const defaultQuality = 90;

/** @internal Throws FramepoolTypeError. */
export function encodingOf(name: string, options: unknown): Encoding {
  knownKeys(name, options, ["format", "quality"]);
  const { format, quality } = options as { readonly format?: unknown; readonly quality?: unknown };
  const chosen = oneOf(`${name}.format`, format, ["jpeg", "png", "webp"]);
  if (chosen === "png" && quality !== undefined)
    throw argumentError(`${name}.quality`, "none: png loses nothing", quality);
  return { format: chosen, quality: integer(`${name}.quality`, quality ?? defaultQuality, 1, 100) };
}

/** @internal Images in the order of their rows. */
export interface ImageRows {
  readonly images: readonly MaybeImage[];
  readonly rows: Rows;
  readonly width: number;
  readonly height: number;
}

/** @internal Those that are there, and what was left out. */
export function sortedOut(
  { images, rows, width, height }: ImageRows,
  format: ImageFormat,
): { readonly images: EncodedImage[]; readonly skipped: SkippedFrame[] } {
  const encoded: EncodedImage[] = [];
  const skipped: SkippedFrame[] = [];
  images.forEach((data, row) => {
    const [index, ptsSeconds] = [at(rows.indices, row), at(rows.ptsSeconds, row)];
    const status = frameStatuses[at(rows.status, row)] ?? "ok";
    if (data === undefined || status === "skipped") {
      skipped.push({ index, ptsSeconds });
    } else {
      const durationSeconds = at(rows.durationSeconds, row);
      const targetSeconds = rows.targetSeconds?.[row];
      encoded.push({ format, data, width, height, index, ptsSeconds, durationSeconds, targetSeconds, status });
    }
  });
  return { images: encoded, skipped };
}
