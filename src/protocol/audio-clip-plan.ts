import { FramepoolError } from "../errors.js";
import { type Random, randomInteger } from "./random.js";

interface AudioClipShape {
  readonly secondsPerClip: number;
  /** What to do with a clip that the sound does not fill: zeros behind it, or E_OUT_OF_RANGE. */
  readonly policy: "pad" | "error";
  /** Seconds; undefined: the first sample. */
  readonly samplingRangeStart: number | undefined;
  /** Seconds, exclusive; undefined: so that clips fit. */
  readonly samplingRangeEnd: number | undefined;
}

interface RandomAudioSampler extends AudioClipShape {
  readonly type: "randomTimestamps";
  readonly numClips: number;
}

interface RegularAudioSampler extends AudioClipShape {
  readonly type: "regularTimestamps";
  readonly secondsBetweenClipStarts: number;
}

/** How to choose clips of sound, with every option checked: plain data that a worker understands. */
export type AudioSampler = RandomAudioSampler | RegularAudioSampler;

/** What there is to choose from. Places are samples at the output rate, counted from the first one. */
interface AudioExtent {
  readonly firstSeconds: number;
  readonly rate: number;
  /** Behind the last sample. */
  readonly endPlace: number;
}

/** More clips of one item than this are a mistake. */
const mostClips = 2 ** 20;

/** Samples of each channel in a clip. */
export function samplesPerClip({ secondsPerClip }: AudioSampler, rate: number): number {
  return Math.round(secondsPerClip * rate);
}

/** How many clips every item gives; undefined where that is its length to decide. */
export function clipsPerSound(sampler: AudioSampler): number | undefined {
  return sampler.type === "randomTimestamps" ? sampler.numClips : undefined;
}

/**
 * Places at which the clips start; on whole samples, so that clips that fit are whole. Throws E_OUT_OF_RANGE, and E_LIMIT for
 * more clips than anybody means.
 */
export function clipPlaces(sampler: AudioSampler, extent: AudioExtent, random: Random): number[] {
  const { start, stop } = placeRange(sampler, extent);
  if (sampler.type === "randomTimestamps") {
    return Array.from({ length: sampler.numClips }, () => randomInteger(random, start, stop));
  }
  const step = sampler.secondsBetweenClipStarts * extent.rate;
  const count = Math.ceil((stop - start) / step);
  if (count > mostClips) {
    throw new FramepoolError("E_LIMIT", `${String(count)} clips are over the limit of ${String(mostClips)}`);
  }
  return Array.from({ length: count }, (_, i) => Math.round(start + i * step)).filter((place) => place < stop);
}

/** Where clips may start. Sound that is shorter than a clip has one that starts with it. */
function placeRange(sampler: AudioSampler, extent: AudioExtent): { readonly start: number; readonly stop: number } {
  const { samplingRangeStart, samplingRangeEnd } = sampler;
  const { firstSeconds, rate, endPlace } = extent;
  const place = (seconds: number): number => Math.ceil((seconds - firstSeconds) * rate - 1e-6);
  const text = (seconds: number): string => `${String(seconds)} s`;
  const start = samplingRangeStart === undefined ? 0 : Math.max(0, place(samplingRangeStart));
  if (start >= endPlace) {
    throw outOfRange(
      `samplingRangeStart (${text(firstSeconds + start / rate)}) is not before the end of the sound (${text(firstSeconds + endPlace / rate)})`,
    );
  }
  if (samplingRangeEnd === undefined) {
    return { start, stop: Math.max(endPlace - samplesPerClip(sampler, rate), start) + 1 };
  }
  const stop = Math.min(place(samplingRangeEnd), endPlace);
  if (start < stop) return { start, stop };
  throw outOfRange(
    `no sample begins from samplingRangeStart (${text(samplingRangeStart ?? firstSeconds)}) up to samplingRangeEnd (${text(samplingRangeEnd)})`,
  );
}

function outOfRange(reason: string): FramepoolError {
  return new FramepoolError("E_OUT_OF_RANGE", reason);
}
