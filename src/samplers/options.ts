import { argumentError } from "../errors.js";
import { finite, index, integer, knownKeys, oneOf, optional, positive } from "../arguments.js";
import type {
  ClipSampler,
  EdgePolicy,
  IndexSampler,
  RandomTimeSampler,
  RegularTimeSampler,
  SelectionSampler,
} from "../protocol/clip-plan.js";
import { type Random, seededRandom } from "../protocol/random.js";
import type { Selection } from "../protocol/selection.js";
import { type FrameSelection, checkSelection } from "../video/frame-selection.js";

interface ClipOptions {
  /** Default 1. */
  readonly numFramesPerClip?: number | undefined;
  /**
   * What takes the place of frames beyond the video's end: the clip's last frame there is, as often as needed
   * (`repeatLast`, the default), or its frames from the first one again (`wrap`); `error` rejects with E_OUT_OF_RANGE.
   */
  readonly policy?: EdgePolicy | undefined;
}

/** Clips that start at numbers of frames. */
export interface IndexSamplerOptions extends ClipOptions {
  /** Default 1. */
  readonly numClips?: number | undefined;
  /** From a frame of a clip to its next: 1 (default) takes every frame. */
  readonly numIndicesBetweenFrames?: number | undefined;
  /** The first frame at which a clip may start, default 0. Negative numbers count from the end. */
  readonly samplingRangeStart?: number | undefined;
  /** Where no clip may start any more, exclusive. Default: so that clips fit into the video. Negative counts from the end. */
  readonly samplingRangeEnd?: number | undefined;
}

interface TimeOptions extends ClipOptions {
  /** Seconds from a frame of a clip to its next. Default 1 / averageFps. */
  readonly secondsBetweenFrames?: number | undefined;
  /** The first moment at which a clip may start, in seconds. Default the beginning. */
  readonly samplingRangeStart?: number | undefined;
  /** The moment at which no clip may start any more, exclusive. Default: so that clips fit into the video. */
  readonly samplingRangeEnd?: number | undefined;
}

/** Clips that start at times, drawn at random. */
export interface RandomTimestampsOptions extends TimeOptions {
  /** Default 1. */
  readonly numClips?: number | undefined;
}

/** Clips that start at times, evenly apart. */
export interface RegularTimestampsOptions extends TimeOptions {
  /** Seconds from the start of a clip to the start of the next. */
  readonly secondsBetweenClipStarts: number;
}

/** Where the draws of a random sampler come from: by default Math.random. At most one of the two. */
export interface DrawOptions {
  /** An integer: the same seed draws the same clips. See `seededRandom`. */
  readonly seed?: number | undefined;
  /** Called for each draw; answers from 0, inclusive, to 1, exclusive. */
  readonly generator?: Random | undefined;
}

const clipKeys = ["numFramesPerClip", "policy", "samplingRangeStart", "samplingRangeEnd"];

export function indexSampler(
  type: IndexSampler["type"],
  options: IndexSamplerOptions,
  otherKeys: readonly string[],
): IndexSampler {
  knownKeys("options", options, [...clipKeys, "numClips", "numIndicesBetweenFrames", ...otherKeys]);
  return {
    type,
    ...clipShape(options),
    numClips: count("options.numClips", options.numClips),
    numIndicesBetweenFrames: count("options.numIndicesBetweenFrames", options.numIndicesBetweenFrames),
    samplingRangeStart: index("options.samplingRangeStart", options.samplingRangeStart ?? 0),
    samplingRangeEnd: optional(index, "options.samplingRangeEnd", options.samplingRangeEnd),
  };
}

export function randomTimeSampler(options: RandomTimestampsOptions, otherKeys: readonly string[]): RandomTimeSampler {
  knownKeys("options", options, [...clipKeys, "secondsBetweenFrames", "numClips", ...otherKeys]);
  return { type: "randomTimestamps", ...timeShape(options), numClips: count("options.numClips", options.numClips) };
}

export function regularTimeSampler(
  options: RegularTimestampsOptions,
  otherKeys: readonly string[],
): RegularTimeSampler {
  knownKeys("options", options, [...clipKeys, "secondsBetweenFrames", "secondsBetweenClipStarts", ...otherKeys]);
  return {
    type: "regularTimestamps",
    ...timeShape(options),
    secondsBetweenClipStarts: positive("options.secondsBetweenClipStarts", options.secondsBetweenClipStarts),
  };
}

/** Frames of every video as one clip: a selection that has as many in each, which a list or a count says. */
export type ClipSelection = Exclude<
  FrameSelection,
  | {
      /** As many as the video is long. */
      readonly every: unknown;
    }
  | {
      /** As many as there are. */
      readonly keyFrames: unknown;
    }
  | {
      /** As many as the video has of it. */
      readonly range: unknown;
    }
>;

/** A sampler as one object says it: its type, and the options of that type. */
export type ClipSamplerOptions =
  | ({
      /** The same frames of each video, as one clip. */
      readonly type: "selection";
    } & ClipSelection)
  | ({
      /** As `samplers.clipsAtRandomIndices` and `samplers.clipsAtRegularIndices`. */
      readonly type: "randomIndices" | "regularIndices";
    } & IndexSamplerOptions)
  | ({
      /** As `samplers.clipsAtRandomTimestamps`. */
      readonly type: "randomTimestamps";
    } & RandomTimestampsOptions)
  | ({
      /** As `samplers.clipsAtRegularTimestamps`. */
      readonly type: "regularTimestamps";
    } & RegularTimestampsOptions);

export function clipSampler(options: ClipSamplerOptions, otherKeys: readonly string[]): ClipSampler {
  const keys = ["type", ...otherKeys];
  oneOf("options.sampler.type", options.type, [
    "selection",
    "randomIndices",
    "regularIndices",
    "randomTimestamps",
    "regularTimestamps",
  ]);
  switch (options.type) {
    case "selection":
      return selectionSampler(checkSelection("options.sampler", options, keys));
    case "randomIndices":
    case "regularIndices":
      return indexSampler(options.type, options, keys);
    case "randomTimestamps":
      return randomTimeSampler(options, keys);
    case "regularTimestamps":
      return regularTimeSampler(options, keys);
  }
}

function selectionSampler(selection: Selection): SelectionSampler {
  const numFramesPerClip = lengthOf(selection);
  if (numFramesPerClip !== undefined && numFramesPerClip > 0) return { type: "selection", numFramesPerClip, selection };
  throw argumentError(
    "options.sampler",
    "indices, times, fractions or count: as many frames in every video, at least one",
    numFramesPerClip === 0 ? "none" : selection.by,
  );
}

/** Where it is the same for every video. */
function lengthOf(selection: Selection): number | undefined {
  switch (selection.by) {
    case "indices":
      return selection.indices.length;
    case "times":
      return selection.times.length;
    case "fractions":
      return selection.fractions.length;
    case "count":
      return selection.count;
    default:
      return undefined;
  }
}

export function drawsOf({ seed, generator }: DrawOptions): Random {
  if (seed !== undefined && generator !== undefined) {
    throw argumentError("options", "a seed or a generator", "both");
  }
  if (seed !== undefined) {
    return seededRandom(integer("options.seed", seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  }
  if (generator === undefined) return Math.random;
  if (typeof generator !== "function") throw argumentError("options.generator", "a function", generator);
  return generator;
}

function clipShape(options: ClipOptions): { numFramesPerClip: number; policy: EdgePolicy } {
  return {
    numFramesPerClip: count("options.numFramesPerClip", options.numFramesPerClip),
    policy: oneOf("options.policy", options.policy ?? "repeatLast", ["repeatLast", "wrap", "error"]),
  };
}

function timeShape(
  options: TimeOptions,
): Pick<RandomTimeSampler, Exclude<keyof RandomTimeSampler, "type" | "numClips">> {
  return {
    ...clipShape(options),
    secondsBetweenFrames: optional(positive, "options.secondsBetweenFrames", options.secondsBetweenFrames),
    samplingRangeStart: optional(finite, "options.samplingRangeStart", options.samplingRangeStart),
    samplingRangeEnd: optional(finite, "options.samplingRangeEnd", options.samplingRangeEnd),
  };
}

function count(name: string, value: number | undefined): number {
  return integer(name, value ?? 1, 1, 2 ** 24);
}
