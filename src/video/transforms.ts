import { argumentError } from "../errors.js";
import { checkObject, boolean, finite, integer, knownKeys, oneOf, optional } from "../arguments.js";
import type { DrawnTransform, Fill, Padding, ResizeTarget, Size, Transform } from "../protocol/transform.js";
import { seededRandom } from "../protocol/random.js";

/** Pixels along a side, at most. */
const longestSide = 2 ** 16 - 1;

/** How a picture is scaled. */
export interface ResizeOptions {
  /**
   * Resize and convert to RGB in one pass, when it is the first transform: several times faster for large pictures, and
   * not torchcodec's pixels. How far they differ is in the README. Default false.
   */
  readonly fast?: boolean | undefined;
}

/** One side or a bound; the other side follows, so that the aspect stays. */
export type ResizeSide =
  | {
      /** Of the longer side, in pixels. */
      readonly longest: number;
    }
  | {
      /** Of the shorter side, in pixels. */
      readonly shortest: number;
    }
  | {
      /** In pixels. */
      readonly width: number;
    }
  | {
      /** In pixels. */
      readonly height: number;
    };

/** Which crop is drawn. */
export interface RandomCropOptions {
  /** The same seed draws the same crop. Default: another one for every decoder that is opened. */
  readonly seed?: number | undefined;
}

/** What the border is filled with. */
export interface PadOptions {
  /** 0 to 255: one for all channels, or red, green and blue. Default 0, black. What is padded is opaque. */
  readonly fill?: number | readonly number[] | undefined;
}

/** What is subtracted from each value, and by what it is divided. */
export interface NormalizeOptions {
  /** Of each colour, for values of 0 to 1: one for all, or red, green and blue. */
  readonly mean: number | readonly number[];
  /** Of each colour, as `mean`; above 0. */
  readonly std: number | readonly number[];
}

/** What pictures of high dynamic range are brought to. */
export interface ToneMapOptions {
  /** Standard dynamic range: BT.709. */
  readonly to: "sdr";
  /** The brightest that the film has, in candela per square metre: 203 to 10,000. Default: what the file says, else 1000. */
  readonly peakNits?: number | undefined;
}

/**
 * Pictures of high dynamic range (PQ, HLG) as a player shows them on an ordinary screen: ITU-R BT.2390's curve to a white of 203
 * candela per square metre (BT.2408), all colours by one factor so that hues stay, then BT.709, what lies outside of which is cut
 * off. Other pictures stay as they are. The first transform; not for native pictures.
 */
export function toneMap(options: ToneMapOptions): Transform {
  knownKeys("options", options, ["to", "peakNits"]);
  const { peakNits } = options;
  if (peakNits !== undefined && !(finite("options.peakNits", peakNits) >= 203 && peakNits <= 10_000))
    throw argumentError("options.peakNits", "a number from 203 to 10000", peakNits);
  return { type: "toneMap", to: oneOf("options.to", options.to, ["sdr"]), peakNits };
}

/**
 * Pictures of pixels that are not square (DVDs, anamorphic films) as a player shows them: the side that is too short grows, in one
 * pass with a resize that follows. The first transform, or the one behind toneMap.
 */
export function squarePixels(): Transform {
  return { type: "squarePixels" };
}

/**
 * Resizes to [height, width] exactly; by a number to that shorter side; or by `longest`, `shortest`, `width` or `height`
 * alone. Bilinear over the whole area when it shrinks, in RGB: the pixels of torchcodec's Resize.
 */
export function resize(size: number | Size | ResizeSide, options: ResizeOptions = {}): Transform {
  knownKeys("options", options, ["fast"]);
  return { type: "resize", target: resizeTarget(size), fast: boolean("options.fast", options.fast ?? false) };
}

/** The middle of the picture; a number is a square. Opening fails with E_OUT_OF_RANGE when the picture is smaller. */
export function centerCrop(size: number | Size): Transform {
  return { type: "centerCrop", size: sizeOf("size", size) };
}

/**
 * A part of the picture, drawn once when the decoder is opened (in `extract` for each request): all frames have the same.
 * A number is a square. Opening fails with E_OUT_OF_RANGE when the picture is smaller.
 */
export function randomCrop(size: number | Size, options: RandomCropOptions = {}): Transform {
  knownKeys("options", options, ["seed"]);
  const seed = optional(integer, "options.seed", options.seed, 0, Number.MAX_SAFE_INTEGER);
  return { type: "randomCrop", size: sizeOf("size", size), seed };
}

/** Mirrors: `horizontal` swaps left and right, `vertical` top and bottom. */
export function flip(direction: "horizontal" | "vertical"): Transform {
  return { type: "flip", direction: oneOf("direction", direction, ["horizontal", "vertical"]) };
}

/**
 * Adds a border: a number on all sides, or pixels by side. `{ to: [height, width] }` adds what lacks, half on each side (the
 * odd pixel right and below); a side that is larger already stays.
 */
export function pad(padding: number | Partial<Padding> | { readonly to: Size }, options: PadOptions = {}): Transform {
  knownKeys("options", options, ["fill"]);
  const fill = fillOf(options.fill ?? 0);
  if (typeof padding === "object" && (padding as typeof padding | null) !== null && "to" in padding) {
    knownKeys("padding", padding, ["to"]);
    return { type: "padTo", size: sizeOf("padding.to", padding.to), fill };
  }
  return { type: "pad", padding: paddingOf(padding), fill };
}

/**
 * (value - mean) / std of each colour, in float32 arithmetic rounded as PyTorch's. The last transform; needs dtype
 * `float32` or `float16`. Alpha stays as it is.
 */
export function normalize(options: NormalizeOptions): Transform {
  knownKeys("options", options, ["mean", "std"]);
  const mean = perColour("options.mean", options.mean);
  const std = perColour("options.std", options.std);
  if (std.some((value) => Math.fround(value) <= 0)) throw argumentError("options.std", "numbers above 0", String(std));
  return { type: "normalize", mean, std };
}

/** @internal Checks a list that may come from plain JavaScript or another thread. */
export function checkTransforms(name: string, values: unknown): readonly Transform[] {
  if (!Array.isArray(values)) throw argumentError(name, "an array of transforms", values);
  const checked = values.map((value: unknown, i) => checkTransform(`${name}[${String(i)}]`, value));
  const normalizes = checked.findIndex(({ type }) => type === "normalize");
  if (normalizes >= 0 && normalizes < checked.length - 1) {
    throw argumentError(`${name}[${String(normalizes + 1)}]`, "nothing after normalize", checked[normalizes + 1]?.type);
  }
  // What they make of a picture rests on how it is stored.
  const first = ["toneMap", "squarePixels"];
  let begun = -1;
  checked.forEach(({ type }, i) => {
    const rank = first.indexOf(type);
    if (rank >= 0 && (begun === Infinity || rank <= begun))
      throw argumentError(`${name}[${String(i)}]`, "toneMap, then squarePixels, once, before all others", type);
    begun = rank >= 0 ? rank : Infinity;
  });
  return checked;
}

/**
 * @internal Decides where random crops lie. `position` tells the decoders of one call apart: the request's in `extract`,
 * otherwise 0.
 */
export function drawTransforms(transforms: readonly Transform[], position: number): readonly DrawnTransform[] {
  return transforms.map((transform) => {
    if (transform.type !== "randomCrop") return transform;
    const { size, seed } = transform;
    const random = seed === undefined ? Math.random : seededRandom(seed, position);
    return { type: "crop", size, top: random(), left: random() };
  });
}

function checkTransform(name: string, value: unknown): Transform {
  checkObject(name, value, "one of the transforms");
  const transform = value as Transform;
  switch (transform.type) {
    case "toneMap":
      return toneMap({ to: transform.to, peakNits: transform.peakNits });
    case "squarePixels":
      return squarePixels();
    case "resize": {
      const { target, fast } = transform;
      checkObject(`${name}.target`, target, "what resize() says");
      return resize(target.by === "exact" ? target.size : ({ [target.by]: target.side } as ResizeSide), { fast });
    }
    case "centerCrop":
      return centerCrop(transform.size);
    case "randomCrop":
      return randomCrop(transform.size, { seed: transform.seed });
    case "flip":
      return flip(transform.direction);
    case "pad":
      return pad(transform.padding, { fill: transform.fill });
    case "padTo":
      return pad({ to: transform.size }, { fill: transform.fill });
    case "normalize":
      return normalize({ mean: transform.mean, std: transform.std });
    default:
      throw argumentError(name, "one of the transforms", value);
  }
}

function side(name: string, value: unknown): number {
  return integer(name, value, 1, longestSide);
}

function sizeOf(name: string, value: unknown): Size {
  if (typeof value === "number") return [side(name, value), side(name, value)];
  if (!Array.isArray(value) || value.length !== 2) throw argumentError(name, "a number or [height, width]", value);
  const [height, width] = value as unknown[];
  return [side(`${name}[0]`, height), side(`${name}[1]`, width)];
}

function resizeTarget(size: unknown): ResizeTarget {
  if (typeof size === "number") return { by: "shortest", side: side("size", size) };
  if (Array.isArray(size)) return { by: "exact", size: sizeOf("size", size) };
  knownKeys("size", size, ["longest", "shortest", "width", "height"]);
  const given = Object.entries(size as Record<string, unknown>).filter(([, value]) => value !== undefined);
  const [only] = given;
  if (only === undefined || given.length > 1) {
    throw argumentError("size", "one of longest, shortest, width, height", given.map(([key]) => key).join(" and "));
  }
  const [by, value] = only;
  return {
    by: oneOf("size", by, ["longest", "shortest", "width", "height"]),
    side: side(`size.${by}`, value),
  };
}

function paddingOf(padding: unknown): Padding {
  if (typeof padding === "number") {
    const all = integer("padding", padding, 0, longestSide);
    return { left: all, top: all, right: all, bottom: all };
  }
  knownKeys("padding", padding, ["left", "top", "right", "bottom"]);
  const given = padding as Readonly<Record<string, unknown>>;
  const of = (name: keyof Padding): number => integer(`padding.${name}`, given[name] ?? 0, 0, longestSide);
  return { left: of("left"), top: of("top"), right: of("right"), bottom: of("bottom") };
}

function fillOf(fill: unknown): Fill {
  const byte = (name: string, value: unknown): number => integer(name, value, 0, 255);
  if (!Array.isArray(fill)) return [byte("options.fill", fill)];
  if (fill.length !== 1 && fill.length !== 3)
    throw argumentError("options.fill", "a number or [red, green, blue]", fill);
  return fill.map((value: unknown, i) => byte(`options.fill[${String(i)}]`, value));
}

function perColour(name: string, value: unknown): readonly number[] {
  if (!Array.isArray(value)) return [finite(name, value)];
  if (value.length !== 1 && value.length !== 3) throw argumentError(name, "a number or one for each colour", value);
  return value.map((one: unknown, i) => finite(`${name}[${String(i)}]`, one));
}
