import assert from "node:assert/strict";
import { everyFrame, ffmpeg, ffprobe } from "./ffmpeg.js";

/** A frame as FFmpeg's own tools tell it. */
export interface TrueFrame {
  /** Seconds; null where the file has none. */
  readonly pts: number | null;
  /** Of the decoder's planes, one after the other without padding. */
  readonly md5: string;
}

/** Every frame of the first video stream, in the decoder's output order. */
export function truth(path: string): TrueFrame[] {
  // One thread: with more, FFmpeg decodes some interlaced files differently.
  const input = ["-threads", "1", "-select_streams", "v:0"];
  const { frames } = JSON.parse(
    ffprobe([...input, "-show_frames", "-show_entries", "frame=width,best_effort_timestamp_time", "-of", "json", path]),
  ) as { frames: readonly { width?: number; best_effort_timestamp_time?: string }[] };
  // The frames of nothing but side data have no width.
  const pictures = frames.filter(({ width }) => width !== undefined);
  const own = ["-map", "0:v:0", ...everyFrame(), "-autoscale", "0", "-f", "framemd5", "-"];
  const sums = ffmpeg(["-threads", "1", "-noautorotate", "-i", path, ...own])
    .toString("utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
  assert.equal(sums.length, pictures.length, "ffmpeg and ffprobe decode the same frames");
  assert.ok(sums.length > 0);
  return pictures.map(({ best_effort_timestamp_time: time }, at) => ({
    pts: time === undefined ? null : Number(time),
    md5: sums[at]!,
  }));
}
