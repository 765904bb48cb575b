// Pictures that leave the worker as files.
import type { NativeImages } from "../native/addon.js";
import { isInstance } from "../src/errors.js";
import { type Encoding, imageFormatCodes } from "../src/protocol/image.js";
import type {
  EncodeJob,
  EncodeResult,
  EncodeTimesJob,
  EncodeTimesResult,
  MaybeImage,
} from "../src/protocol/image-jobs.js";
import type { OutputSpec } from "../src/protocol/output.js";
import type { WireError } from "../src/protocol/wire-error.js";
import { FrameFailure, toWire } from "./failure.js";
import { ImageFolder } from "./image-folder.js";
import {
  type DecodedRows,
  type FramesRequest,
  type VideoReader,
  decodeByTime,
  decodeFrames,
  nativePixels,
  rowsFor,
} from "./native-rows.js";

interface EncodedRows extends DecodedRows {
  /** By target. */
  readonly images: readonly MaybeImage[];
}

/** Throws for the first frame that cannot be had. */
export function encodeFrames(
  entry: VideoReader,
  index: SharedArrayBuffer,
  request: FramesRequest,
  { spec, encoding }: { readonly spec: OutputSpec; readonly encoding: Encoding },
): EncodedRows {
  const done = rowsFor(request.targets.length);
  const into = imagesFor(request.targets, spec, encoding);
  decodeFrames(entry, index, request, done, into);
  return { ...done, images: into.images };
}

export function encode(job: EncodeJob, entry: VideoReader): EncodeResult {
  const { targets, spec, encoding } = job;
  const { status, delivered } = rowsFor(targets.length);
  const into = imagesFor(targets, spec, encoding);
  const failure = failureOf(entry, () => decodeFrames(entry, job.index, job, { status, delivered }, into));
  const count = failure === undefined ? targets.length : targets.indexOf(failure.frame.index);
  return {
    images: into.images.slice(0, count),
    status: status.subarray(0, count),
    delivered: delivered.subarray(0, count),
    failure: failure?.error,
  };
}

export function encodeTimes(job: EncodeTimesJob, entry: VideoReader): EncodeTimesResult {
  const { targets, frames, spec, encoding } = job;
  const status = new Uint8Array(targets.length);
  const [pts, duration] = [new BigInt64Array(targets.length), new BigInt64Array(targets.length)];
  const into = imagesFor(frames, spec, encoding);
  const failure = failureOf(entry, () => decodeByTime(entry, job, { status, pts, duration }, into));
  const count = failure === undefined ? targets.length : frames.indexOf(failure.frame.index);
  return {
    images: into.images.slice(0, count),
    status: status.subarray(0, count),
    pts: pts.subarray(0, count),
    duration: duration.subarray(0, count),
    failure: failure?.error,
  };
}

/** A frame that cannot be decoded takes nothing from those before it; anything else is thrown. */
function failureOf(
  { reader }: VideoReader,
  work: () => void,
): { readonly frame: FrameFailure["frame"]; readonly error: WireError } | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (!isInstance(thrown, FrameFailure)) throw thrown;
    return { frame: thrown.frame, error: toWire(thrown, reader.logTail()) };
  }
}

/** `images` gets what comes. `frames`: their numbers, by target. */
function imagesFor(frames: Int32Array, spec: OutputSpec, { format, quality, folder }: Encoding): NativeImages {
  // Not `new Array(n)`, which stays one with holes for V8: such ones are sent slowly.
  const images = Array.from(frames, (): MaybeImage => undefined);
  const into = { ...nativePixels(spec), imageFormat: imageFormatCodes[format], quality, images };
  if (folder === undefined) return into;
  const target = new ImageFolder(folder, format, frames);
  return { ...into, write: (bytes, length, place) => target.write(bytes, length, place) };
}
