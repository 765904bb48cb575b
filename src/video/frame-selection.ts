import {
  boolean,
  checkObject,
  finite,
  index,
  indexes,
  integer,
  knownKeys,
  numbers,
  oneOf,
  optional,
  positive,
} from "../arguments.js";
import { argumentError } from "../errors.js";
import type { NumberRange, Selection, TimeScale } from "../protocol/selection.js";

/** Frames by number, as of a slice: negative numbers count from the end, beyond the ends there is nothing. */
export interface FrameRange {
  /** First frame, inclusive; default 0. */
  readonly start?: number | undefined;
  /** Last frame, exclusive; default the number of frames. */
  readonly stop?: number | undefined;
  /** Every how manyth; default 1. */
  readonly step?: number | undefined;
}

/** What is on screen in [startSeconds, stopSeconds): also the frame that is already there at the start. */
export interface TimeRange {
  /** Default the first moment with a frame. */
  readonly startSeconds?: number | undefined;
  /** Default the end of the last frame. */
  readonly stopSeconds?: number | undefined;
  /** Frames a second: the frame on screen at each multiple of 1 / fps after the start, repeated or left out as needed. */
  readonly fps?: number | undefined;
}

/** What is done with what lies outside. */
export interface ClampOption {
  /** What lies outside the video stands for the nearest that lies in it, instead of being the error E_OUT_OF_RANGE. Default false. */
  readonly clamp?: boolean | undefined;
}

/** What times are counted from. */
export interface TimeOptions extends ClampOption {
  /**
   * Where times count from. The clock of a file need not begin at 0: `clock` (default) is that clock, as `ptsSeconds` tells it,
   * `start` is the first picture (`metadata.beginStreamSeconds`).
   */
  readonly from?: "start" | "clock" | undefined;
}

/** Which frames of a video: exactly one way to choose them. */
export type FrameSelection =
  | ({
      /** By number, in this order; negative ones count from the end. */
      readonly indices: Iterable<number>;
    } & ClampOption)
  | ({
      /** What is on screen at these times, in seconds, in this order. */
      readonly times: Iterable<number>;
    } & TimeOptions)
  | {
      /** What is on screen at these parts of the duration, from 0, the first picture, to 1, the last one. */
      readonly fractions: Iterable<number>;
    }
  | {
      /** What is on screen at the first picture and every so many seconds after. */
      readonly every: number;
    }
  | {
      /** So many, evenly spread from the first to the last: floor(i * (n - 1) / (count - 1)) of n; repeated when n is less. */
      readonly count: number;
    }
  | {
      /** Frames at which decoding can begin. */
      readonly keyFrames: true;
    }
  | {
      /** Frames by number, as of a slice. */
      readonly range: FrameRange;
    }
  | ({
      /** What is on screen from a time to another, also at a rate. */
      readonly range: TimeRange;
    } & TimeOptions);

const ways = ["indices", "times", "fractions", "every", "count", "keyFrames", "range"] as const;
type Way = (typeof ways)[number];

const mostFrames = 2 ** 24;

/** Checks what a user passed; `otherKeys` stand beside it in the same object. Throws FramepoolTypeError. */
export function checkSelection(name: string, value: unknown, otherKeys: readonly string[] = []): Selection {
  knownKeys(name, value, [...otherKeys, ...ways, "from", "clamp"]);
  const given = value as Readonly<Record<string, unknown>>;
  const chosen = ways.filter((way) => given[way] !== undefined);
  const [way] = chosen;
  if (way === undefined || chosen.length > 1) {
    throw argumentError(name, `one of ${ways.join(", ")}`, chosen.length === 0 ? "none" : chosen.join(" and "));
  }
  const selection = selectionBy(way, name, given);
  const scaled = selection.by === "times" || selection.by === "seconds";
  refuse(name, given, "from", scaled, "times or a range of seconds");
  refuse(name, given, "clamp", scaled || selection.by === "indices", "indices, times or a range of seconds");
  return selection;
}

/** The same where a range may also stand by itself, and nothing means all frames. */
export function checkRangeOrSelection(name: string, value: unknown, otherKeys: readonly string[]): Selection {
  checkObject(name, value, "an object");
  if (ways.some((way) => (value as Readonly<Record<string, unknown>>)[way] !== undefined)) {
    return checkSelection(name, value, otherKeys);
  }
  knownKeys(name, value, [...otherKeys, ...numberKeys, ...ways]);
  return { by: "range", ...checkRange(name, value) };
}

/** All frames in their order. */
export function isWhole(selection: Selection): boolean {
  return selection.by === "range" && selection.start === 0 && selection.stop === undefined && selection.step === 1;
}

function selectionBy(way: Way, name: string, given: Readonly<Record<string, unknown>>): Selection {
  const value = given[way];
  const place = `${name}.${way}`;
  switch (way) {
    case "indices":
      return { by: "indices", indices: indexes(place, value), clamp: clampOf(name, given) };
    case "times":
      return { by: "times", times: numbers(place, value, finite), scale: scaleOf(name, given) };
    case "fractions":
      return { by: "fractions", fractions: numbers(place, value, fraction) };
    case "every":
      return { by: "every", seconds: positive(place, value) };
    case "count":
      return { by: "count", count: integer(place, value, 1, mostFrames) };
    case "keyFrames":
      if (value !== true) throw argumentError(place, "true", value);
      return { by: "keyFrames" };
    case "range":
      return rangeOf(place, value, () => scaleOf(name, given));
  }
}

const numberKeys = ["start", "stop", "step"];
const timeKeys = ["startSeconds", "stopSeconds", "fps"];

function rangeOf(name: string, value: unknown, scale: () => TimeScale): Selection {
  knownKeys(name, value, [...numberKeys, ...timeKeys]);
  const range = value as FrameRange & TimeRange;
  const has = (keys: readonly string[]): string | undefined =>
    keys.find((key) => range[key as keyof typeof range] !== undefined);
  const seconds = has(timeKeys);
  if (seconds === undefined) return { by: "range", ...checkRange(name, range) };
  const number = has(numberKeys);
  if (number !== undefined) throw argumentError(name, "numbers of frames or seconds", `${number} and ${seconds}`);
  return {
    by: "seconds",
    start: optional(finite, `${name}.startSeconds`, range.startSeconds),
    stop: optional(finite, `${name}.stopSeconds`, range.stopSeconds),
    fps: optional(positive, `${name}.fps`, range.fps),
    scale: scale(),
  };
}

function checkRange(name: string, { start, stop, step }: FrameRange): NumberRange {
  return {
    start: index(`${name}.start`, start ?? 0),
    stop: optional(index, `${name}.stop`, stop),
    step: checkStep(`${name}.step`, step),
  };
}

export function checkStep(name: string, step: number | undefined): number {
  return integer(name, step ?? 1, 1, 2 ** 31 - 1);
}

function scaleOf(name: string, given: Readonly<Record<string, unknown>>): TimeScale {
  const from = oneOf(`${name}.from`, given["from"] ?? "clock", ["start", "clock"]);
  return { from, clamp: clampOf(name, given) };
}

function clampOf(name: string, given: Readonly<Record<string, unknown>>): boolean {
  return boolean(`${name}.clamp`, given["clamp"] ?? false);
}

function refuse(
  name: string,
  given: Readonly<Record<string, unknown>>,
  key: string,
  isAllowed: boolean,
  beside: string,
): void {
  if (isAllowed || given[key] === undefined) return;
  throw argumentError(`${name}.${key}`, `${beside} beside it`, given[key]);
}

function fraction(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw argumentError(name, "a number from 0 to 1", value);
}
