import type { Encoding } from "./image.js";
import type { OutputSpec } from "./output.js";
import type { ExtractBase, ExtractedRows, OnError, VideoJobBase } from "./video.js";
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

/** Encodes frames of an indexed stream. `targets` ascend; equal ones are decoded once. */
export interface EncodeJob extends VideoJobBase {
  readonly kind: "encode";
  readonly index: SharedArrayBuffer;
  readonly targets: Int32Array;
  /** The pixels that are encoded. */
  readonly spec: OutputSpec;
  readonly encoding: Encoding;
  readonly onError: OnError;
  /** See DecodeJob. */
  readonly moreFollows: boolean;
  readonly threads: number;
}

export interface EncodeResult {
  /** By target, as the next two. */
  readonly images: readonly MaybeImage[];
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
  /** What ended it: there are the images before. */
  readonly failure: WireError | undefined;
}

/** The same by time, without an index: see DecodeTimesJob. */
export interface EncodeTimesJob extends VideoJobBase {
  readonly kind: "encodeTimes";
  readonly targets: BigInt64Array;
  readonly frames: Int32Array;
  readonly tolerance: number;
  readonly spec: OutputSpec;
  readonly encoding: Encoding;
  readonly onError: OnError;
}

export interface EncodeTimesResult {
  readonly images: readonly MaybeImage[];
  readonly status: Uint8Array;
  readonly pts: BigInt64Array;
  readonly duration: BigInt64Array;
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
