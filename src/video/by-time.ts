// Frames without an index of their packets: where in time each is looked for, and which one was found there.
import { FramepoolError } from "../errors.js";
import { at } from "../protocol/frame-index.js";
import type { Rows } from "../protocol/rows.js";
import { type TimedResult, type TimedTargets, frameStatuses } from "../protocol/video.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { OpenVideo } from "./opened-video.js";

type Timed = Pick<OpenVideo, "metadata" | "label" | "mappings" | "settings">;

/** `frames` ascend. Mappings say each frame's time; without them frame i is the first one at or after begin + i / fps. */
export function timesOf(
  { metadata, label, mappings }: Timed,
  frames: Int32Array,
): Pick<TimedTargets, "targets" | "tolerance"> {
  if (mappings !== undefined)
    return { targets: BigInt64Array.from(frames, (frame) => mappings.ticksOf(frame).pts), tolerance: 0 };
  const { averageFps, beginStreamSeconds } = metadata;
  checkFrameRate(metadata, label);
  const ticks = ticksPerSecond(metadata);
  const fps = averageFps ?? 1;
  const targets = new BigInt64Array(frames.length);
  for (let i = 0; i < targets.length; i++) {
    targets[i] = BigInt(Math.round((beginStreamSeconds + at(frames, i) / fps) * ticks));
  }
  return { targets, tolerance: Math.floor(ticks / fps / 2) };
}

/**
 * What came for `frames`: where another one stands in, its number is the one that its time gives. Throws E_INDEX where the mappings
 * say that there is a frame, and there is none.
 */
export function timedRows(
  { metadata, mappings, settings, label }: Timed,
  frames: Int32Array,
  { pts, duration, status }: TimedResult,
): Rows {
  const { averageFps, beginStreamSeconds, numFrames } = metadata;
  const ticks = ticksPerSecond(metadata);
  const secondsOf = (times: BigInt64Array): Float64Array => Float64Array.from(times, (time) => Number(time) / ticks);
  const ptsSeconds = secondsOf(pts);
  const indices = frames.map((frame, i) => {
    if (status[i] !== nearest) return frame;
    const seconds = at(ptsSeconds, i);
    if (mappings === undefined) {
      const number = Math.round((seconds - beginStreamSeconds) * (averageFps ?? 0));
      return Math.min(Math.max(0, number), numFrames - 1);
    }
    const found = mappings.firstAtOrAfter(seconds);
    if (settings.onError === "nearest" && mappings.pts[found] === seconds) return found;
    const reason = `the frame mappings do not fit the file: there is no frame ${String(frame)} at its time`;
    throw new FramepoolError("E_INDEX", reason, { source: label });
  });
  return { indices, ptsSeconds, durationSeconds: secondsOf(duration), status };
}

const nearest = frameStatuses.indexOf("nearest");

function ticksPerSecond({ timeBase }: VideoStreamMetadata): number {
  return timeBase.den / timeBase.num;
}

/** Of a stream without an index. One picture, a cover say, needs no rate. Throws E_METADATA. */
export function checkFrameRate({ averageFps, numFrames }: VideoStreamMetadata, source: string): void {
  if (averageFps !== null || numFrames === 1) return;
  throw new FramepoolError("E_METADATA", 'the header states no frame rate: open it with seekMode "exact"', { source });
}
