import { FramepoolError } from "../errors.js";
import { type Random, randomInteger } from "./random.js";
import { type Selection, checkRows } from "./selection.js";

/** What to do with frames of a clip that lie beyond the video's end. */
export type EdgePolicy = "repeatLast" | "wrap" | "error";

interface ClipShape {
  readonly numFramesPerClip: number;
  readonly policy: EdgePolicy;
}

/** Clips by frame number, evenly spread or drawn. Ranges say where a clip may start: inclusive, exclusive. */
export interface IndexSampler extends ClipShape {
  readonly type: "randomIndices" | "regularIndices";
  readonly numClips: number;
  readonly numIndicesBetweenFrames: number;
  /** Negative numbers count from the end. */
  readonly samplingRangeStart: number;
  readonly samplingRangeEnd: number | undefined;
}

interface TimeShape extends ClipShape {
  /** Default 1 / averageFps. */
  readonly secondsBetweenFrames: number | undefined;
  readonly samplingRangeStart: number | undefined;
  readonly samplingRangeEnd: number | undefined;
}

export interface RandomTimeSampler extends TimeShape {
  readonly type: "randomTimestamps";
  readonly numClips: number;
}

export interface RegularTimeSampler extends TimeShape {
  readonly type: "regularTimestamps";
  readonly secondsBetweenClipStarts: number;
}

export type TimeSampler = RandomTimeSampler | RegularTimeSampler;

/** One clip: the frames of a selection that has as many in every video. */
export interface SelectionSampler {
  readonly type: "selection";
  readonly numFramesPerClip: number;
  readonly selection: Selection;
}

/** How to choose clips, with every option checked: plain data that a worker understands. */
export type ClipSampler = IndexSampler | TimeSampler | SelectionSampler;

/** What time samplers must know of a video. */
interface Extent {
  readonly averageFps: number | null;
  /** The first moment with a frame. */
  readonly beginSeconds: number;
  /** Exclusive. */
  readonly endSeconds: number | null;
}

/** How many clips every video gives; undefined where that is the video's length to decide. */
export function clipsPerVideo(sampler: ClipSampler): number | undefined {
  if (sampler.type === "selection") return 1;
  return sampler.type === "regularTimestamps" ? undefined : sampler.numClips;
}

/** Frame numbers of all clips, one clip after the other. Throws E_OUT_OF_RANGE. */
export function clipIndices(sampler: IndexSampler, numFrames: number, random: Random): Int32Array {
  const { numClips, numFramesPerClip, numIndicesBetweenFrames: step, policy } = sampler;
  checkRows(numClips * numFramesPerClip);
  const { start, end } = indexRange(sampler, numFrames);
  const starts =
    sampler.type === "randomIndices"
      ? Array.from({ length: numClips }, () => randomInteger(random, start, end))
      : evenly(start, end - 1, numClips);
  const indices = starts.flatMap((first) => {
    const fit = Math.min(numFramesPerClip, Math.ceil((numFrames - first) / step));
    return fill(
      Array.from({ length: fit }, (_, i) => first + i * step),
      numFramesPerClip,
      policy,
    );
  });
  return Int32Array.from(indices);
}

/** Times of all clips, one clip after the other. Throws E_OUT_OF_RANGE and E_METADATA. */
export function clipTimes(sampler: TimeSampler, extent: Extent, random: Random): Float64Array {
  const { numFramesPerClip, policy } = sampler;
  const { averageFps, endSeconds } = extent;
  if (averageFps === null || endSeconds === null) {
    throw new FramepoolError("E_METADATA", "its frame rate or its end is unknown: sample by index instead");
  }
  const between = sampler.secondsBetweenFrames ?? 1 / averageFps;
  const { start, end } = timeRange(sampler, extent.beginSeconds, endSeconds, between);
  const times = startTimes(sampler, start, end, random).flatMap((first) => {
    const fit: number[] = [];
    for (let i = 0; i < numFramesPerClip; i++) {
      const time = first + i * between;
      if (time < endSeconds) fit.push(time);
    }
    return fill(fit, numFramesPerClip, policy);
  });
  return Float64Array.from(times);
}

/** Where a clip may start when nothing else is said: so that all of it lies in the video, or at the first frame. */
function indexRange(sampler: IndexSampler, numFrames: number): { start: number; end: number } {
  const { numFramesPerClip, numIndicesBetweenFrames, samplingRangeStart, samplingRangeEnd } = sampler;
  const span = numIndicesBetweenFrames * (numFramesPerClip - 1) + 1;
  const fromEnd = (value: number): number => (value < 0 ? value + numFrames : value);
  const start = fromEnd(samplingRangeStart);
  const end =
    samplingRangeEnd === undefined ? Math.max(numFrames - span + 1, 1) : Math.min(fromEnd(samplingRangeEnd), numFrames);
  if (start < 0 || start >= numFrames) {
    throw outOfRange(
      `samplingRangeStart (${String(samplingRangeStart)}) is outside the video's ${String(numFrames)} frames`,
    );
  }
  if (start < end) return { start, end };
  throw outOfRange(
    samplingRangeEnd === undefined
      ? `clips that span ${String(span)} of ${String(numFrames)} frames must start before frame ${String(end)}, which samplingRangeStart (${String(start)}) is not`
      : `samplingRangeStart (frame ${String(start)}) is not before samplingRangeEnd (frame ${String(end)})`,
  );
}

function timeRange(
  sampler: TimeSampler,
  begin: number,
  streamEnd: number,
  between: number,
): { start: number; end: number } {
  const { numFramesPerClip, samplingRangeStart, samplingRangeEnd } = sampler;
  const start = samplingRangeStart ?? begin;
  const end = samplingRangeEnd ?? streamEnd - (numFramesPerClip - 1) * between;
  if (start < begin || start >= streamEnd) {
    throw outOfRange(
      `samplingRangeStart (${String(start)} s) is outside the video, which plays from ${String(begin)} s up to but not including ${String(streamEnd)} s`,
    );
  }
  if (start >= end) {
    throw outOfRange(
      `samplingRangeStart (${String(start)} s) is not before ${samplingRangeEnd === undefined ? "the last moment at which a clip fits" : "samplingRangeEnd"} (${String(end)} s)`,
    );
  }
  return { start, end: Math.min(end, streamEnd) };
}

function startTimes(sampler: TimeSampler, start: number, end: number, random: Random): number[] {
  if (sampler.type === "regularTimestamps") {
    const step = sampler.secondsBetweenClipStarts;
    const count = Math.ceil((end - start) / step);
    checkRows(count * sampler.numFramesPerClip);
    // The last one may have been rounded up to the end.
    return Array.from({ length: count }, (_, i) => start + i * step).filter((time) => time < end);
  }
  checkRows(sampler.numClips * sampler.numFramesPerClip);
  return Array.from({ length: sampler.numClips }, () => {
    const time = random() * (end - start) + start;
    return time < end ? time : start;
  });
}

/** As torch.linspace with integers: the second half counted from the end, so that rounding is symmetric; truncated. */
function evenly(first: number, last: number, count: number): number[] {
  const step = count === 1 ? 0 : (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) =>
    Math.trunc(i < Math.floor(count / 2) || count === 1 ? first + step * i : last - step * (count - 1 - i)),
  );
}

/** A whole clip, of what fits into the video. */
function fill(values: readonly number[], length: number, policy: EdgePolicy): readonly number[] {
  if (values.length === length) return values;
  if (policy === "error") {
    throw outOfRange(
      'a clip goes beyond the end of the video, and policy is "error": leave samplingRangeEnd to its default, or choose another policy',
    );
  }
  const last = values.length - 1;
  return Array.from({ length }, (_, i) => values[policy === "wrap" ? i % values.length : Math.min(i, last)] ?? 0);
}

function outOfRange(reason: string): FramepoolError {
  return new FramepoolError("E_OUT_OF_RANGE", reason);
}
