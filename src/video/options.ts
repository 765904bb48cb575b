import { argumentError } from "../errors.js";
import { boolean, checkSignal, codecNames, integer, knownKeys, oneOf, optional, readTimeout } from "../arguments.js";
import { type KnownLimits, openLimits } from "../pool/options.js";
import type { Encoding } from "../protocol/image.js";
import type { DType, DimensionOrder, OutputRequest, PixelFormat } from "../protocol/output.js";
import type { Transform } from "../protocol/transform.js";
import type { OpenSpec } from "../protocol/job-base.js";
import type { OnError } from "../protocol/video.js";
import type { OpenOptions } from "../sources/media-source.js";
import { type EncodeOptions, encodingOf } from "./images/encoded-image.js";
import { checkTransforms, drawTransforms } from "./transforms.js";

/** How a video stream is opened, and what its frames look like. */
export interface VideoDecoderOptions<D extends DType = DType> extends OpenOptions {
  /** Absolute index over all streams of the file. Default: FFmpeg's best video stream. */
  readonly streamIndex?: number | undefined;
  /**
   * `exact` (default) counts the pictures when the file is opened, so that indices and times are exact. `approximate`
   * never scans: positions are computed from the header's frame rate, except where an exact index costs nothing (MP4).
   */
  readonly seekMode?: "exact" | "approximate" | undefined;
  /** Default `NHWC`. `NCHW` is contiguous: one plane after the other. */
  readonly dimensionOrder?: DimensionOrder | undefined;
  /**
   * Default `uint8`. `float32` is 0 to 1: value / 255, or value / 65535 for sources of more than 8 bits. `float16` is that
   * rounded; its data is a Uint16Array of the bits (where there is a Float16Array it can lie over the same memory).
   */
  readonly dtype?: D | undefined;
  /** Default `rgb24`. `native`: the decoder's own planes, unrotated, uint8 whatever their depth. */
  readonly pixelFormat?: PixelFormat | undefined;
  /**
   * What is done with each picture, in this order, once it is turned for display: see `transforms`. Frames have the size
   * that comes out; `metadata` stays the video's. Not for `native`.
   */
  readonly transforms?: readonly Transform[] | undefined;
  /**
   * What to do with a frame that cannot be decoded. Default `throw`. Without an index (approximate mode of most containers
   * but MP4) frames are told by their times: one further than half a frame from where the number belongs has status
   * `nearest` and the number that its time gives; behind an error it counts as missing.
   */
  readonly onError?: OnError | undefined;
  /**
   * Codecs to decode besides the usual ones of docs/codecs.md, by FFmpeg's names ("magicyuv", "flashsv"): those that hardly
   * anybody means to decode are refused (E_UNSUPPORTED_CODEC), since every decoder is a way in. Default: none.
   */
  readonly codecs?: readonly string[] | undefined;
  /**
   * Threads that FFmpeg uses inside one worker, 1 to 64. Default: one, and the threads of idle workers too when a
   * request cannot be cut into a piece for each.
   */
  readonly threadsPerWorker?: number | undefined;
  /**
   * What `saveIndex()` gave for this file: it is opened without being read through. Or, as torchcodec's custom frame mappings, the
   * JSON of `ffprobe -show_frames -select_streams v:0 -show_entries frame=pts,duration,key_frame -of json`: frames are then numbered
   * by it, and found by their times. E_INDEX where it does not fit the file. Not with `seekMode: "approximate"`.
   */
  readonly index?: Uint8Array | string | undefined;
}

/** How `extract` opens each file, and how its results come. */
export interface ExtractOptions<D extends DType = DType> extends Omit<VideoDecoderOptions<D>, "seekMode" | "index"> {
  /** Results in the order of the requests. Default: as they are done. */
  readonly ordered?: boolean | undefined;
  /** Requests begun and not yet taken by the consumer. Default: twice the workers. */
  readonly maxInFlight?: number | undefined;
}

/** `extract` with files instead of pixels. */
export interface ExtractImagesOptions extends ExtractOptions {
  /**
   * Encode the pictures in the workers: results then have `images` instead of a batch. See VideoDecoder.getImages. A request
   * may ask for as many as their pixels would fit into `limits.maxOutputBytes`.
   */
  readonly encode: EncodeOptions;
}

export interface DecoderSettings<D extends DType = DType>
  extends Pick<OutputRequest, "dimensionOrder" | "pixelFormat">, Pick<OpenSpec, "streamIndex" | "codecs"> {
  readonly seekMode: "exact" | "approximate";
  readonly dtype: D;
  readonly transforms: readonly Transform[];
  readonly onError: OnError;
  /** undefined: as the pool is idle. */
  readonly threads: number | undefined;
  readonly readTimeoutMs: number;
  /** Of saveIndex(), or frame mappings as UTF-8. */
  readonly index: Uint8Array | undefined;
}

const decoderKeys = [
  "streamIndex",
  "seekMode",
  "dimensionOrder",
  "dtype",
  "pixelFormat",
  "transforms",
  "onError",
  "codecs",
  "threadsPerWorker",
  "readTimeoutMs",
  "index",
  "signal",
];

export function decoderSettings<D extends DType>(options: VideoDecoderOptions<D>): DecoderSettings<D> {
  knownKeys("options", options, decoderKeys);
  return settings(options);
}

/** The limits are the pool's, whoever opens a file on it. */
export function openSpec({ streamIndex, codecs }: DecoderSettings, limits: KnownLimits): OpenSpec {
  return { streamIndex, ...openLimits(limits), codecs };
}

/** What frames are made of pictures. `position`: what random transforms are drawn by, beside their seed. */
export function requestOf(
  { pixelFormat, dtype, dimensionOrder, transforms }: DecoderSettings,
  position: number,
): OutputRequest {
  return { pixelFormat, dtype, dimensionOrder, transforms: drawTransforms(transforms, position) };
}

export interface ExtractSettings<D extends DType = DType> {
  readonly decoder: DecoderSettings<D>;
  readonly ordered: boolean;
  /** undefined: twice the workers. */
  readonly maxInFlight: number | undefined;
  /** undefined: pixels. */
  readonly encoding: Omit<Encoding, "folder"> | undefined;
}

export function extractSettings<D extends DType>(
  options: ExtractOptions<D> | (ExtractOptions<D> & ExtractImagesOptions),
): ExtractSettings<D> {
  knownKeys("options", options, [
    ...decoderKeys.filter((key) => key !== "seekMode" && key !== "index"),
    "ordered",
    "maxInFlight",
    "encode",
  ]);
  return {
    decoder: settings(options),
    encoding: "encode" in options ? encodingOf("options.encode", options.encode) : undefined,
    ordered: boolean("options.ordered", options.ordered ?? false),
    maxInFlight: optional(integer, "options.maxInFlight", options.maxInFlight, 1, 100_000),
  };
}

/** A copy: the bytes are looked at later, and may change until then. */
function givenIndex({ index, seekMode }: VideoDecoderOptions): Uint8Array | undefined {
  if (index === undefined) return undefined;
  if (!(index instanceof Uint8Array) && typeof index !== "string") {
    throw argumentError("options.index", "bytes of saveIndex(), or frame mappings as JSON", index);
  }
  if (seekMode === "approximate") throw argumentError("options.seekMode", '"exact" (an index is exact)', seekMode);
  return typeof index === "string" ? new TextEncoder().encode(index) : new Uint8Array(index);
}

function settings<D extends DType>(options: VideoDecoderOptions<D>): DecoderSettings<D> {
  const dtype = oneOf("options.dtype", options.dtype ?? "uint8", ["uint8", "float32", "float16"]);
  const pixelFormat = oneOf("options.pixelFormat", options.pixelFormat ?? "rgb24", [
    "rgb24",
    "rgba",
    "gray8",
    "native",
  ]);
  const dimensionOrder = oneOf("options.dimensionOrder", options.dimensionOrder ?? "NHWC", ["NHWC", "NCHW"]);
  const transforms = checkTransforms("options.transforms", options.transforms ?? []);
  if (pixelFormat === "native" && transforms.length > 0) {
    throw argumentError("options.transforms", "none (native planes are not converted)", transforms[0]?.type);
  }
  if (dtype === "uint8" && transforms.at(-1)?.type === "normalize") {
    throw argumentError("options.dtype", '"float32" or "float16" (normalize makes numbers beyond bytes)', dtype);
  }
  if (pixelFormat === "native" && dtype !== "uint8") {
    throw argumentError("options.dtype", '"uint8" (native planes are not converted)', dtype);
  }
  if (pixelFormat === "native" && dimensionOrder === "NCHW") {
    throw argumentError("options.dimensionOrder", '"NHWC" (native planes are not converted)', dimensionOrder);
  }
  checkSignal(options.signal);
  return {
    streamIndex: optional(integer, "options.streamIndex", options.streamIndex, 0, 2 ** 31 - 1) ?? -1,
    threads: optional(integer, "options.threadsPerWorker", options.threadsPerWorker, 1, 64),
    readTimeoutMs: readTimeout(options.readTimeoutMs),
    index: givenIndex(options),
    codecs: codecNames("options.codecs", options.codecs ?? []),
    seekMode: oneOf("options.seekMode", options.seekMode ?? "exact", ["exact", "approximate"]),
    dimensionOrder,
    // Without the option D is what the callers' signatures make of it: "uint8".
    dtype: dtype as D,
    pixelFormat,
    transforms,
    onError: oneOf("options.onError", options.onError ?? "throw", ["throw", "skip", "nearest"]),
  };
}
