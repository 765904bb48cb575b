import type { Encoding } from "./image.js";
import type { OutputSpec } from "./output.js";
import type { ExtractBase, ExtractedRows, IndexedTargets, NotBegun, TimedResult, TimedTargets } from "./video.js";
import type { WireError } from "./wire-error.js";

/** A picture that its worker wrote into the encoding's folder. */
export interface WrittenImage {
  readonly name: string;
  readonly bytes: number;
}

/** An encoded picture; undefined where it could not be decoded. */
export type MaybeImage = Uint8Array<ArrayBuffer> | WrittenImage | undefined;

/** Those that are in memory: what moves from thread to thread. */
export function memoryOfImages(images: readonly MaybeImage[]): ArrayBuffer[] {
  return images.flatMap((image) => (image instanceof Uint8Array ? [image.buffer] : []));
}

/** Of the same. */
export function bytesOfImages(images: readonly MaybeImage[]): number {
  return images.reduce((sum, image) => sum + (image instanceof Uint8Array ? image.byteLength : 0), 0);
}

/** What becomes of pictures. */
export interface EncodeOutput {
  /** The pixels that are encoded. */
  readonly spec: OutputSpec;
  readonly encoding: Encoding;
}

export interface EncodeJob extends IndexedTargets, EncodeOutput {
  readonly kind: "encode";
}

export interface EncodeResult {
  /** By target, as the next two. */
  readonly images: readonly MaybeImage[];
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
  /** What ended it: there are the images before. */
  readonly failure: WireError | undefined;
}

export interface EncodeTimesJob extends TimedTargets, EncodeOutput {
  readonly kind: "encodeTimes";
}

export interface EncodeTimesResult extends TimedResult {
  readonly images: readonly MaybeImage[];
  readonly failure: WireError | undefined;
}

/** Opens, indexes, selects and encodes in one go. */
export interface ExtractImagesJob extends ExtractBase {
  readonly kind: "extractImages";
  readonly encoding: Encoding;
}

export interface ExtractImagesResult extends ExtractedRows {
  /** By row. */
  readonly images: readonly MaybeImage[];
}

/** Jobs for pictures that are encoded, and what comes of each. */
export interface ImageJobs {
  readonly encode: [EncodeJob, EncodeResult];
  readonly encodeTimes: [EncodeTimesJob, EncodeTimesResult];
  readonly extractImages: [ExtractImagesJob, ExtractImagesResult | NotBegun];
}
