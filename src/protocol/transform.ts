import { FramepoolError } from "../errors.js";

/** [height, width] in pixels. */
export type Size = readonly [height: number, width: number];

/** What a picture is resized to; where only one side is given the other follows, so that the aspect stays. */
export type ResizeTarget =
  | { readonly by: "exact"; readonly size: Size }
  | { readonly by: "shortest" | "longest" | "width" | "height"; readonly side: number };

/** What the user asked for, as data that crosses between threads. Made and checked by src/transforms.ts. */
export type Transform =
  | {
      /** See `transforms.toneMap`. */
      readonly type: "toneMap";
      /** Standard dynamic range. */
      readonly to: "sdr";
      /** Candela per square metre; undefined: as the file says. */
      readonly peakNits: number | undefined;
    }
  | {
      /** See `transforms.squarePixels`. */
      readonly type: "squarePixels";
    }
  | {
      /** See `transforms.resize`. */
      readonly type: "resize";
      /** Which size, or which side. */
      readonly target: ResizeTarget;
      /** In one pass with the conversion. */
      readonly fast: boolean;
    }
  | {
      /** See `transforms.centerCrop`. */
      readonly type: "centerCrop";
      /** Of what stays. */
      readonly size: Size;
    }
  | {
      /** See `transforms.randomCrop`. */
      readonly type: "randomCrop";
      /** Of what stays. */
      readonly size: Size;
      /** undefined: drawn for each decoder. */
      readonly seed: number | undefined;
    }
  | {
      /** See `transforms.flip`. */
      readonly type: "flip";
      /** Which sides change places. */
      readonly direction: "horizontal" | "vertical";
    }
  | {
      /** See `transforms.pad`. */
      readonly type: "pad";
      /** Pixels by side. */
      readonly padding: Padding;
      /** Of the border. */
      readonly fill: Fill;
    }
  | {
      /** See `transforms.pad`. */
      readonly type: "padTo";
      /** Of the result, at least. */
      readonly size: Size;
      /** Of the border. */
      readonly fill: Fill;
    }
  | {
      /** See `transforms.normalize`. */
      readonly type: "normalize";
      /** By colour, or one for all. */
      readonly mean: readonly number[];
      /** By colour, or one for all. */
      readonly std: readonly number[];
    };

export interface Padding {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Values of 0 to 255: red, green and blue, or one for all of them. */
export type Fill = readonly number[];

/** As Transform, but where a random crop lies is decided: fractions of the room that it has, below 1. */
export type DrawnTransform =
  | Exclude<Transform, { type: "randomCrop" }>
  | { readonly type: "crop"; readonly size: Size; readonly top: number; readonly left: number };

/** One step for the native layer; `width` and `height` are the result's. */
export interface Step {
  readonly kind: keyof typeof stepCodes;
  readonly width: number;
  readonly height: number;
  /** Crop: where the result lies in the picture. Pad: where the picture lies in the result. */
  readonly x: number;
  readonly y: number;
  /** Resize: fast. Flip: horizontally. */
  readonly flag: boolean;
  /** Pad: the bytes of a pixel, the first channel's lowest. */
  readonly fill: number;
}

/** The native layer's numbers. */
const stepCodes = { resize: 0, crop: 1, flip: 2, pad: 3 } as const;

interface Geometry {
  readonly steps: readonly Step[];
  readonly width: number;
  readonly height: number;
}

/** A picture as displayed. */
export interface PictureShape {
  readonly width: number;
  readonly height: number;
  /** Of a pixel, width by height; null: nobody knows. */
  readonly pixelAspect: number | null;
}

/** The steps for pictures of one size. Throws E_OUT_OF_RANGE for a crop larger than its picture, E_LIMIT by `maxPixels`. */
export function geometry(
  transforms: readonly DrawnTransform[],
  { width, height, pixelAspect }: PictureShape,
  channels: number,
  maxPixels: number,
): Geometry {
  const steps: Step[] = [];
  let size: Size = [height, width];
  for (const [i, transform] of transforms.entries()) {
    const isSquared = transform.type === "squarePixels";
    if (isSquared) size = squared(size, pixelAspect ?? 1);
    // One resize does both, where another follows.
    if (isSquared && transforms[i + 1]?.type === "resize") continue;
    const step = isSquared ? stepOf(exactly(size), [height, width], channels) : stepOf(transform, size, channels);
    if (step === undefined) continue;
    if (step.width * step.height > maxPixels) throw tooLarge(transform.type, step, maxPixels);
    steps.push(step);
    size = [step.height, step.width];
  }
  return { steps, height: size[0], width: size[1] };
}

/** The size that a transform gives pictures of any size; undefined when it depends on theirs. */
export function fixedSize(transform: DrawnTransform | undefined): Size | undefined {
  if (transform?.type === "crop" || transform?.type === "centerCrop") return transform.size;
  return transform?.type === "resize" && transform.target.by === "exact" ? transform.target.size : undefined;
}

/** Seven numbers a step, as the native layer reads them. */
export function nativeSteps(steps: readonly Step[]): Int32Array {
  return Int32Array.from(
    steps.flatMap(({ kind, width, height, x, y, flag, fill }) => [
      stepCodes[kind],
      width,
      height,
      x,
      y,
      flag ? 1 : 0,
      fill,
    ]),
  );
}

function stepOf(transform: DrawnTransform, [height, width]: Size, channels: number): Step | undefined {
  const same = { width, height, x: 0, y: 0, flag: false, fill: 0 };
  switch (transform.type) {
    case "resize": {
      const [newHeight, newWidth] = resized(transform.target, height, width);
      return { ...same, kind: "resize", width: newWidth, height: newHeight, flag: transform.fast };
    }
    case "centerCrop":
    case "crop": {
      const [cropHeight, cropWidth] = transform.size;
      const down = height - cropHeight;
      const across = width - cropWidth;
      if (down < 0 || across < 0) throw cropTooLarge(transform.size, height, width);
      const [y, x] =
        transform.type === "crop"
          ? [Math.floor(transform.top * (down + 1)), Math.floor(transform.left * (across + 1))]
          : [halfToEven(down), halfToEven(across)];
      return { ...same, kind: "crop", width: cropWidth, height: cropHeight, x, y };
    }
    case "flip":
      return { ...same, kind: "flip", flag: transform.direction === "horizontal" };
    case "pad": {
      const { left, top, right, bottom } = transform.padding;
      const padded = { ...same, width: left + width + right, height: top + height + bottom, x: left, y: top };
      return { ...padded, kind: "pad", fill: fillBytes(transform.fill, channels) };
    }
    case "padTo": {
      const down = Math.max(0, transform.size[0] - height);
      const across = Math.max(0, transform.size[1] - width);
      const [y, x] = [Math.floor(down / 2), Math.floor(across / 2)];
      const padded = { ...same, width: width + across, height: height + down, x, y };
      return { ...padded, kind: "pad", fill: fillBytes(transform.fill, channels) };
    }
    case "toneMap":
    case "squarePixels":
    case "normalize":
      return undefined;
  }
}

function resized(target: ResizeTarget, height: number, width: number): Size {
  if (target.by === "exact") return target.size;
  const { by, side } = target;
  const byWidth = by === "width" || (by === "longest" && width >= height) || (by === "shortest" && width <= height);
  // torchvision cuts off the fraction of the side that follows; FFmpeg's scale filter, with one side given, rounds.
  const round = by === "longest" || by === "shortest" ? Math.floor : Math.round;
  return byWidth
    ? [Math.max(1, round((side * height) / width)), side]
    : [side, Math.max(1, round((side * width) / height))];
}

/** The size that shows the same with square pixels: the side that is too short grows. */
function squared([height, width]: Size, pixelAspect: number): Size {
  return pixelAspect > 1 ? [height, Math.round(width * pixelAspect)] : [Math.round(height / pixelAspect), width];
}

const exactly = (size: Size): DrawnTransform => ({ type: "resize", target: { by: "exact", size }, fast: true });

/** Half of it, and between two whole numbers the even one, as FFmpeg's crop filter and torchvision do. */
function halfToEven(room: number): number {
  const down = Math.floor(room / 2);
  return room % 2 === 1 && down % 2 === 1 ? down + 1 : down;
}

/** Grey: the luma of the colour, by BT.601. Alpha: opaque. */
function fillBytes(fill: Fill, channels: number): number {
  const [red = 0, green = red, blue = red] = fill;
  if (channels === 1) return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  // As a signed number of 32 bits.
  return red | (green << 8) | (blue << 16) | (255 << 24);
}

function cropTooLarge([cropHeight, cropWidth]: Size, height: number, width: number): FramepoolError {
  const wanted = `${String(cropWidth)}x${String(cropHeight)}`;
  const given = `${String(width)}x${String(height)}`;
  return new FramepoolError(
    "E_OUT_OF_RANGE",
    `a crop of ${wanted} does not fit the picture of ${given}: pad or resize it first`,
  );
}

function tooLarge(type: string, { width, height }: Step, maxPixels: number): FramepoolError {
  const size = `${String(width)}x${String(height)}`;
  return new FramepoolError(
    "E_LIMIT",
    `${type} to ${size} is over the limit of ${String(maxPixels)} (limits.maxPixels)`,
  );
}
