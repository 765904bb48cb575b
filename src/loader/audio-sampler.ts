import { argumentError } from "../errors.js";
import { finite, integer, knownKeys, oneOf, optional, positive } from "../arguments.js";
import type { AudioSampler } from "../protocol/audio-clip-plan.js";

interface AudioClipOptions {
  /** Length of a clip, above 0; rounded to whole samples, at least one. */
  readonly secondsPerClip: number;
  /**
   * What to do where a clip goes beyond the end of the sound: fill it up with zeros (`pad`, the default; the batch's
   * `numSamples` says from where on), or E_OUT_OF_RANGE (`error`).
   */
  readonly policy?: "pad" | "error" | undefined;
  /** The first moment at which a clip may start, in seconds. Default the first sample. */
  readonly samplingRangeStart?: number | undefined;
  /**
   * The moment at which no clip may start any more, exclusive; the end of the sound if that is earlier. Default: so that
   * clips fit. Sound that is shorter than a clip has one that starts with it.
   */
  readonly samplingRangeEnd?: number | undefined;
}

/** Where the clips of a sound stream begin. */
export type AudioSamplerOptions =
  | ({
      /** Clips that start at samples drawn evenly from the range, each as likely as any other. */
      readonly type: "randomTimestamps";
      /** Default 1. */
      readonly numClips?: number | undefined;
    } & AudioClipOptions)
  | ({
      /** Clips that start every `secondsBetweenClipStarts`: as many as the range has room for. */
      readonly type: "regularTimestamps";
      /** From the start of a clip to the start of the next, above 0. */
      readonly secondsBetweenClipStarts: number;
    } & AudioClipOptions);

/** Throws FramepoolTypeError. */
export function audioSampler(
  options: AudioSamplerOptions,
  sampleRate: number,
  otherKeys: readonly string[],
): AudioSampler {
  oneOf("options.sampler.type", options.type, ["randomTimestamps", "regularTimestamps"]);
  const own = options.type === "randomTimestamps" ? "numClips" : "secondsBetweenClipStarts";
  const common = ["type", "secondsPerClip", "policy", "samplingRangeStart", "samplingRangeEnd"];
  knownKeys("options.sampler", options, [...common, own, ...otherKeys]);
  const least = 1 / sampleRate;
  const clip = {
    secondsPerClip: atLeast("options.sampler.secondsPerClip", options.secondsPerClip, least),
    policy: oneOf("options.sampler.policy", options.policy ?? "pad", ["pad", "error"]),
    samplingRangeStart: optional(finite, "options.sampler.samplingRangeStart", options.samplingRangeStart),
    samplingRangeEnd: optional(finite, "options.sampler.samplingRangeEnd", options.samplingRangeEnd),
  };
  if (options.type === "randomTimestamps") {
    return {
      type: options.type,
      ...clip,
      numClips: integer("options.sampler.numClips", options.numClips ?? 1, 1, 2 ** 20),
    };
  }
  const between = options.secondsBetweenClipStarts;
  return {
    type: options.type,
    ...clip,
    secondsBetweenClipStarts: atLeast("options.sampler.secondsBetweenClipStarts", between, least),
  };
}

/** At least one sample. */
function atLeast(name: string, value: unknown, least: number): number {
  const seconds = positive(name, value);
  if (seconds >= least) return seconds;
  throw argumentError(name, `at least one sample (${String(least)} s)`, seconds);
}
