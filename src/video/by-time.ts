// Frames without an index of their packets: where in time each is looked for, and which one was found there.
import { FramepoolError } from "../errors.js";
import { at } from "../protocol/frame-index.js";
import { frameStatuses } from "../protocol/video.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { OpenVideo } from "./opened-video.js";

type Timed = Pick<OpenVideo, "metadata" | "label" | "mappings" | "settings">;

interface TimedTargets {
  /** In the stream's time base, ascending. */
  readonly targets: BigInt64Array;
  /** How far from its target a frame may be and still be the one that was meant. */
  readonly tolerance: number;
}

/** `frames` ascend. Mappings say each frame's time; without them frame i is the first one at or after begin + i / fps. */
export function timesOf({ metadata, label, mappings }: Timed, frames: Int32Array): TimedTargets {
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

export function secondsOf({ metadata }: Timed, times: BigInt64Array): Float64Array {
  const ticks = ticksPerSecond(metadata);
  return Float64Array.from(times, (time) => Number(time) / ticks);
}

/**
 * The numbers of the frames that came: where another one stands in, the number that its time gives. Throws E_INDEX where the
 * mappings say that there is a frame, and there is none.
 */
export function framesAt(video: Timed, frames: Int32Array, pts: BigInt64Array, status: Uint8Array): Int32Array {
  const { metadata, mappings, settings, label } = video;
  const { averageFps, beginStreamSeconds, numFrames } = metadata;
  const seconds = secondsOf(video, pts);
  return frames.map((frame, i) => {
    if (status[i] !== nearest) return frame;
    if (mappings === undefined) {
      const number = Math.round(((seconds[i] ?? 0) - beginStreamSeconds) * (averageFps ?? 0));
      return Math.min(Math.max(0, number), numFrames - 1);
    }
    const found = mappings.firstAtOrAfter(seconds[i] ?? 0);
    if (settings.onError === "nearest" && mappings.pts[found] === seconds[i]) return found;
    const reason = `the frame mappings do not fit the file: there is no frame ${String(frame)} at its time`;
    throw new FramepoolError("E_INDEX", reason, { source: label });
  });
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
