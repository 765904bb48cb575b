import { isAbsolute, join, resolve, sep } from "node:path";
import { folder, integer, knownKeys, oneOf, optional } from "../../arguments.js";
import { argumentError } from "../../errors.js";
import { at } from "../../protocol/frame-index.js";
import type { Encoding, ImageFormat } from "../../protocol/image.js";
import type { MaybeImage } from "../../protocol/image-jobs.js";
import type { Rows } from "../../protocol/rows.js";
import { type FrameStatus, frameStatuses } from "../../protocol/video.js";

/** How pictures are encoded. */
export interface EncodeOptions {
  /** `jpeg` has the chroma resolution of the video (4:2:0 mostly), `png` loses nothing, `webp` is with losses. */
  readonly format: ImageFormat;
  /** 1 to 100, for jpeg and webp. Default 90. */
  readonly quality?: number | undefined;
}

/** A picture as a file, encoded by the worker that decoded it. Its memory is its own: there is nothing to release. */
export interface EncodedImage extends ImageFacts {
  /** The file's bytes. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A picture that its worker wrote into the `folder` that was asked for. */
export interface ImageFile extends ImageFacts {
  /** Of the file, absolute: in the folder, named by the frame that was asked for (`000012.jpg`). */
  readonly path: string;
  /** Of the file. */
  readonly bytes: number;
}

/** What an encoded picture is. */
export interface ImageFacts {
  /** As it was asked for. */
  readonly format: ImageFormat;
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
export function encodingOf(name: string, options: unknown): Omit<Encoding, "folder"> {
  knownKeys(name, options, ["format", "quality"]);
  const { format, quality } = options as { readonly format?: unknown; readonly quality?: unknown };
  const chosen = oneOf(`${name}.format`, format, ["jpeg", "png", "webp"]);
  if (chosen === "png" && quality !== undefined)
    throw argumentError(`${name}.quality`, "none: png loses nothing", quality);
  return { format: chosen, quality: integer(`${name}.quality`, quality ?? defaultQuality, 1, 100) };
}

/** @internal Where pictures go, as an absolute path. Throws FramepoolTypeError. */
export function folderOf(name: string, given: unknown): string | undefined {
  const path = optional(folder, name, given);
  if (path === undefined) return undefined;
  // Node tells bytes that are not UTF-8 so: the path that it makes is another folder's.
  if (!isAbsolute(path) && process.cwd().includes("\ufffd"))
    throw argumentError(name, "an absolute path, in a working folder whose name is not UTF-8", path);
  return resolve(path);
}

/** @internal Images in the order of their rows. */
export interface ImageRows {
  readonly images: readonly MaybeImage[];
  readonly rows: Rows;
  readonly width: number;
  readonly height: number;
}

/** @internal Those that are there, in memory or written, and what was left out. */
export function sortedOut(
  { images, rows, width, height }: ImageRows,
  { format, folder = "" }: Encoding,
): { readonly images: EncodedImage[]; readonly files: ImageFile[]; readonly skipped: SkippedFrame[] } {
  const encoded: EncodedImage[] = [];
  const files: ImageFile[] = [];
  const prefix = join(folder, sep);
  const skipped: SkippedFrame[] = [];
  images.forEach((image, row) => {
    const [index, ptsSeconds] = [at(rows.indices, row), at(rows.ptsSeconds, row)];
    const status = frameStatuses[at(rows.status, row)] ?? "ok";
    if (image === undefined || status === "skipped") {
      skipped.push({ index, ptsSeconds });
    } else {
      const durationSeconds = at(rows.durationSeconds, row);
      const targetSeconds = rows.targetSeconds?.[row];
      // Each written out: V8 takes several times as long to spread one.
      if (image instanceof Uint8Array) {
        const data = image;
        encoded.push({ format, data, width, height, index, ptsSeconds, durationSeconds, targetSeconds, status });
      } else {
        const [path, bytes] = [prefix + image.name, image.bytes];
        files.push({ format, path, bytes, width, height, index, ptsSeconds, durationSeconds, targetSeconds, status });
      }
    }
  });
  return { images: encoded, files, skipped };
}
