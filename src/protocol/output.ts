import type { NativeLayout, Plane, StreamInfo } from "./stream-info.js";
import { type DrawnTransform, type PictureShape, type Step, fixedSize, geometry } from "./transform.js";

/** Red, green and blue, with alpha, brightness alone, or the planes as they are decoded. */
export type PixelFormat = "rgb24" | "rgba" | "gray8" | "native";
/** The type of a value: 0 to 255, 0 to 1, or that rounded to 16 bits. */
export type DType = "uint8" | "float32" | "float16";
/** Pixels one after the other, each with its channels, or planes one after the other. */
export type DimensionOrder = "NHWC" | "NCHW";

/** What the user wants of every frame. */
export interface OutputRequest {
  readonly pixelFormat: PixelFormat;
  readonly dtype: DType;
  readonly dimensionOrder: DimensionOrder;
  readonly transforms: readonly DrawnTransform[];
}

/** What is done with a picture once it is converted. */
interface Processing {
  /** Of the picture that is converted, before the steps. */
  readonly width: number;
  readonly height: number;
  /** Of pictures of high dynamic range, which are mapped to standard range: candela per square metre. 0: they are not. */
  readonly toneMapPeak: number;
  readonly steps: readonly Step[];
  /** For each channel, or empty. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Everything about a decoded frame's place in memory. */
export interface OutputSpec<D extends DType = DType> {
  readonly pixelFormat: PixelFormat;
  readonly dtype: D;
  readonly dimensionOrder: DimensionOrder;
  readonly width: number;
  readonly height: number;
  /** Native only: FFmpeg's name of the format, and its planes. */
  readonly nativeFormat: string | undefined;
  readonly planes: readonly Plane[] | undefined;
  /** Without the frame dimension: [height, width, channels], [channels, height, width], or [bytes] for native. */
  readonly frameShape: readonly number[];
  readonly frameBytes: number;
  readonly processing: Processing;
}

const channels: Readonly<Record<Exclude<PixelFormat, "native">, number>> = { rgb24: 3, rgba: 4, gray8: 1 };
/** The native layer's numbers. */
export const pixelFormatCodes: Readonly<Record<PixelFormat, number>> = { rgb24: 0, rgba: 1, gray8: 2, native: 3 };
export const dtypeCodes: Readonly<Record<DType, number>> = { uint8: 0, float32: 1, float16: 2 };
const sampleBytes: Readonly<Record<DType, number>> = { uint8: 1, float32: 4, float16: 2 };
export const dimensionOrderCodes: Readonly<Record<DimensionOrder, number>> = { NHWC: 0, NCHW: 1 };

/** Throws E_OUT_OF_RANGE for a crop larger than its picture, E_LIMIT where one is larger than `maxPixels`. */
export function outputSpec(info: StreamInfo, request: OutputRequest, maxPixels: number): OutputSpec {
  const { pixelFormat } = request;
  if (pixelFormat !== "native") return convertedSpec(shapeOf(info), pixelFormat, request, maxPixels);
  return nativeSpec(info.pixelFormat ?? "", info.codedWidth, info.codedHeight, info.native ?? { bytes: 0, planes: [] });
}

/** What the transforms make of pictures of any size; undefined when that depends on the picture. Throws as outputSpec. */
export function fixedOutput(request: OutputRequest, maxPixels: number): OutputSpec | undefined {
  const { pixelFormat, transforms } = request;
  if (pixelFormat === "native") return undefined;
  for (let i = transforms.length - 1; i >= 0; i--) {
    const size = fixedSize(transforms[i]);
    if (size === undefined) continue;
    const rest = { ...request, transforms: transforms.slice(i + 1) };
    return convertedSpec({ height: size[0], width: size[1], pixelAspect: null }, pixelFormat, rest, maxPixels);
  }
  return undefined;
}

function convertedSpec(
  picture: PictureShape & { readonly peakLuminance?: number | null },
  pixelFormat: Exclude<PixelFormat, "native">,
  { dtype, dimensionOrder, transforms }: OutputRequest,
  maxPixels: number,
): OutputSpec {
  const depth = channels[pixelFormat];
  const { steps, width, height } = geometry(transforms, picture, depth, maxPixels);
  const normalize = transforms.find((transform) => transform.type === "normalize");
  const ofChannels = (values: readonly number[], alpha: number): readonly number[] =>
    Array.from({ length: depth }, (_, channel) => (channel === 3 ? alpha : (values[channel] ?? values[0] ?? alpha)));
  return {
    pixelFormat,
    dtype,
    dimensionOrder,
    width,
    height,
    nativeFormat: undefined,
    planes: undefined,
    frameShape: dimensionOrder === "NHWC" ? [height, width, depth] : [depth, height, width],
    frameBytes: width * height * depth * sampleBytes[dtype],
    processing: {
      width: picture.width,
      height: picture.height,
      toneMapPeak: peakOf(transforms, picture.peakLuminance ?? null),
      steps,
      mean: normalize === undefined ? [] : ofChannels(normalize.mean, 0),
      std: normalize === undefined ? [] : ofChannels(normalize.std, 1),
    },
  };
}

function shapeOf({ width, height, rotation, pixelAspectRatio, peakLuminance }: StreamInfo): PictureShape & {
  readonly peakLuminance: number | null;
} {
  const { num, den } = pixelAspectRatio ?? { num: 1, den: 1 };
  // The ratio is that of the picture as stored, which may be turned.
  const isTurned = Math.abs(Math.round((rotation ?? 0) / 90)) % 2 === 1;
  return { width, height, pixelAspect: isTurned ? den / num : num / den, peakLuminance };
}

/** Where nobody says how bright a film is: what most are graded for, and what HLG is defined by. */
const usualPeak = 1000;

function peakOf(transforms: readonly DrawnTransform[], stated: number | null): number {
  const toneMap = transforms.find(({ type }) => type === "toneMap");
  if (toneMap?.type !== "toneMap") return 0;
  return Math.round(toneMap.peakNits ?? stated ?? usualPeak);
}

export function nativeSpec(nativeFormat: string, width: number, height: number, layout: NativeLayout): OutputSpec {
  return {
    pixelFormat: "native",
    dtype: "uint8",
    dimensionOrder: "NHWC",
    width,
    height,
    nativeFormat,
    planes: layout.planes,
    frameShape: [layout.bytes],
    frameBytes: layout.bytes,
    processing: { width, height, toneMapPeak: 0, steps: [], mean: [], std: [] },
  };
}

/** About what decoding a stream takes beside the output: the pictures at hand, of so many bytes each or else 1.5 a pixel. */
export function decodingBytes(width: number, height: number, pictureBytes?: number): number {
  return 2 * (pictureBytes ?? 1.5 * width * height);
}
