import { FramepoolError } from "../errors.js";
import { type FrameIndex, at } from "./frame-index.js";

/** Which frames of a file are wanted, before anybody knows the file. Validated where the user passed it. */
export type Selection =
  | { readonly by: "indices"; readonly indices: ArrayLike<number> }
  | { readonly by: "times"; readonly times: ArrayLike<number> }
  | { readonly by: "every"; readonly seconds: number }
  | { readonly by: "count"; readonly count: number }
  | { readonly by: "keyFrames" };

/** Frame numbers in the order asked for. Throws E_OUT_OF_RANGE. */
export function select(index: FrameIndex, selection: Selection): Int32Array {
  switch (selection.by) {
    case "indices":
      return toFrames(selection.indices, (i) => normalizeIndex(i, index.length));
    case "times":
      return toFrames(selection.times, (time) => frameAt(index, time));
    case "every":
      return everySeconds(index, selection.seconds);
    case "count":
      return uniform(index.length, selection.count);
    case "keyFrames":
      return keyFrames(index);
  }
}

/** The frame of each value; quicker than Int32Array.from, which asks an iterator for each. */
export function toFrames(values: ArrayLike<number>, frame: (value: number) => number): Int32Array<ArrayBuffer> {
  const frames = new Int32Array(values.length);
  for (let i = 0; i < frames.length; i++) frames[i] = frame(values[i] ?? 0);
  return frames;
}

/** Negative numbers count from the end. */
export function normalizeIndex(index: number, length: number): number {
  const normal = index < 0 ? index + length : index;
  if (normal < 0 || normal >= length) {
    throw new FramepoolError(
      "E_OUT_OF_RANGE",
      `frame ${String(index)} is outside the video's ${String(length)} frames`,
    );
  }
  return normal;
}

export function frameAt(index: FrameIndex, time: number): number {
  const frame = index.playedAt(time);
  if (frame >= 0) return frame;
  const { beginSeconds, endSeconds } = index.summary();
  throw outsideTime(time, beginSeconds, endSeconds);
}

export function outsideTime(time: number, begin: number, end: number): FramepoolError {
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

export function keyFrames(index: FrameIndex): Int32Array {
  const frames: number[] = [];
  for (let i = 0; i < index.length; i++) if (at(index.key, i) === 1) frames.push(i);
  return Int32Array.from(frames);
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

function everySeconds(index: FrameIndex, seconds: number): Int32Array {
  const { beginSeconds, endSeconds } = index.summary();
  checkRows((endSeconds - beginSeconds) / seconds);
  const frames: number[] = [];
  // A single picture may be on screen for no time at all.
  for (let i = 0; i === 0 || beginSeconds + i * seconds < endSeconds; i++) {
    const frame = index.playedAt(beginSeconds + i * seconds);
    if (frame >= 0) frames.push(frame);
  }
  return Int32Array.from(frames);
}
