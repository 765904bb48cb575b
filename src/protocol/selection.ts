import { FramepoolError } from "../errors.js";
import { type FrameTimes, sequence } from "./frame-times.js";

/** What times are: on the file's clock, or since the first picture. `clamp`: what lies outside the video is moved into it. */
export interface TimeScale {
  readonly from: "start" | "clock";
  readonly clamp: boolean;
}

export const clock: TimeScale = { from: "clock", clamp: false };

/** Which frames of a file are wanted, before anybody knows the file. Validated where the user passed it. */
export type Selection =
  | { readonly by: "indices"; readonly indices: ArrayLike<number>; readonly clamp: boolean }
  | { readonly by: "times"; readonly times: ArrayLike<number>; readonly scale: TimeScale }
  | { readonly by: "fractions"; readonly fractions: ArrayLike<number> }
  | { readonly by: "every"; readonly seconds: number }
  | { readonly by: "count"; readonly count: number }
  | { readonly by: "keyFrames" }
  | ({ readonly by: "range" } & NumberRange)
  | {
      readonly by: "seconds";
      /** undefined: as far as the video goes. */
      readonly start: number | undefined;
      readonly stop: number | undefined;
      readonly fps: number | undefined;
      readonly scale: TimeScale;
    };

/** Frame numbers as of a slice: negative ones count from the end, beyond the ends there is nothing. */
export interface NumberRange {
  readonly start: number;
  /** undefined: to the end. */
  readonly stop: number | undefined;
  readonly step: number;
}

/** Which frames a selection stands for. */
export interface Selected {
  /** Numbers of frames, in the order asked for. */
  readonly indices: Int32Array;
  /** Where times were asked for: these, by row, on the file's clock. */
  readonly targetSeconds: Float64Array | undefined;
}

/** Throws E_OUT_OF_RANGE, E_LIMIT, and E_METADATA where only an index could tell. */
export function select(times: FrameTimes, selection: Selection): Selected {
  switch (selection.by) {
    case "indices": {
      const { indices, clamp } = selection;
      return numbered(frameNumbers(indices, times.length, clamp));
    }
    case "times":
      return atTimes(times, selection.times, selection.scale);
    case "fractions": {
      const length = times.end - times.begin;
      const targets = Float64Array.from(selection.fractions, (fraction) => times.begin + fraction * length);
      return shownAt(times, targets, reckoned, true);
    }
    case "every":
      return everySeconds(times, selection.seconds);
    case "count":
      return numbered(uniform(times.length, selection.count));
    case "keyFrames":
      return numbered(times.keyFrames());
    case "range":
      return numbered(numberRange(times.length, selection));
    case "seconds":
      return timeRange(times, selection);
  }
}

function numbered(indices: Int32Array): Selected {
  return { indices, targetSeconds: undefined };
}

/** The frame of each value; quicker than Int32Array.from, which asks an iterator for each. */
function toFrames(values: ArrayLike<number>, frame: (value: number) => number): Int32Array<ArrayBuffer> {
  const frames = new Int32Array(values.length);
  for (let i = 0; i < frames.length; i++) frames[i] = frame(values[i] ?? 0);
  return frames;
}

function frameNumbers(indices: ArrayLike<number>, length: number, clamp: boolean): Int32Array {
  const frames = new Int32Array(indices.length);
  for (let i = 0; i < frames.length; i++) {
    const index = indices[i] ?? 0;
    frames[i] = index >= 0 && index < length ? index : frameNumber(index, length, clamp);
  }
  return frames;
}

/** Negative numbers count from the end. */
function frameNumber(index: number, length: number, clamp: boolean): number {
  const normal = index < 0 ? index + length : index;
  if (normal >= 0 && normal < length) return normal;
  if (clamp && length > 0) return normal < 0 ? 0 : length - 1;
  throw new FramepoolError("E_OUT_OF_RANGE", `frame ${String(index)} is outside the video's ${String(length)} frames`);
}

/** A sum of seconds may come out a rounding before the picture whose time it is: pictures are never so close as that. */
const reckoned = 1e-9;

function atTimes(times: FrameTimes, asked: ArrayLike<number>, { from, clamp }: TimeScale): Selected {
  if (from === "clock") return shownAt(times, Float64Array.from(asked), 0, clamp);
  const targets = Float64Array.from(asked, (time) => times.begin + time);
  return shownAt(times, targets, reckoned, clamp);
}

function shownAt(times: FrameTimes, targets: Float64Array, tolerance: number, clamp: boolean): Selected {
  const indices = toFrames(targets, (time) => frameAt(times, time, tolerance, clamp));
  return { indices, targetSeconds: targets };
}

/** The frame on screen. Throws E_OUT_OF_RANGE. */
export function frameAt(times: FrameTimes, time: number, tolerance = 0, clamp = false): number {
  const frame = tolerance > 0 ? times.playedAt(time + tolerance) : -1;
  if (frame >= 0) return frame;
  const exact = times.playedAt(time);
  if (exact >= 0) return exact;
  if (clamp && times.length > 0) return times.nearest(time);
  throw outsideTime(times, time);
}

function outsideTime({ begin, end }: FrameTimes, time: number): FramepoolError {
  return new FramepoolError(
    "E_OUT_OF_RANGE",
    `${String(time)} s is outside the video, which plays from ${String(begin)} s up to but not including ${String(end)} s`,
  );
}

/** floor(i * (n - 1) / (count - 1)): the first and the last frame and, evenly, those between; repeated when n is small. */
export function uniform(length: number, count: number): Int32Array {
  if (length === 0) return new Int32Array(0);
  return Int32Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.floor((i * (length - 1)) / (count - 1))));
}

function numberRange(length: number, { start, stop, step }: NumberRange): Int32Array {
  const clamp = (value: number): number => Math.min(Math.max(value < 0 ? value + length : value, 0), length);
  return sequence(clamp(start), clamp(stop ?? length), step);
}

/** Rows that a selection by time may ask for: beyond, something is wrong, and the list alone would fill the memory. */
const mostRows = 2 ** 24;

export function checkRows(count: number): void {
  if (count <= mostRows) return;
  throw new FramepoolError(
    "E_LIMIT",
    `that asks for ${String(Math.ceil(count))} frames, over the limit of ${String(mostRows)}`,
  );
}

function everySeconds(times: FrameTimes, seconds: number): Selected {
  const { begin, end } = times;
  checkRows((end - begin) / seconds);
  const frames: number[] = [];
  const targets: number[] = [];
  // A single picture may be on screen for no time at all.
  for (let i = 0, time = begin; i === 0 || time < end; i++, time = begin + i * seconds) {
    const shown = times.playedAt(time + reckoned);
    const frame = shown < 0 ? times.playedAt(time) : shown;
    if (frame < 0) continue;
    frames.push(frame);
    targets.push(time);
  }
  return { indices: Int32Array.from(frames), targetSeconds: Float64Array.from(targets) };
}

function timeRange(times: FrameTimes, range: Extract<Selection, { by: "seconds" }>): Selected {
  const { fps, scale } = range;
  const offset = scale.from === "start" ? times.begin : 0;
  const tolerance = scale.from === "start" ? reckoned : 0;
  const place = (time: number | undefined, otherwise: number): number => {
    const placed = time === undefined ? otherwise : time + offset;
    return scale.clamp ? Math.min(Math.max(placed, times.begin), times.end) : placed;
  };
  const start = place(range.start, times.begin);
  const stop = place(range.stop, times.end);
  if (start >= stop) {
    return { indices: new Int32Array(0), targetSeconds: fps === undefined ? undefined : new Float64Array(0) };
  }
  if (start < times.begin || start >= times.end) throw outsideTime(times, start);
  if (stop > times.end + tolerance) throw outsideTime(times, stop);
  if (fps !== undefined) return shownAt(times, ticks(start, stop, fps), tolerance, false);
  return numbered(times.playedIn(frameAt(times, start, tolerance), start, stop - tolerance));
}

/** start + i / fps for round((stop - start) * fps) frames, halves away from zero, as torchcodec. */
function ticks(start: number, stop: number, fps: number): Float64Array {
  checkRows((stop - start) * fps);
  const times = new Float64Array(Math.floor((stop - start) * fps + 0.5));
  for (let i = 0; i < times.length; i++) times[i] = start + i / fps;
  return times;
}
