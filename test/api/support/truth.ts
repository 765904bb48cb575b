import assert from "node:assert/strict";
import { everyFrame, ffmpeg, ffprobe } from "./ffmpeg.js";

/** A frame as FFmpeg's own tools tell it. */
export interface TrueFrame {
  /** Seconds; null where the file has none. */
  readonly pts: number | null;
  /** Of the decoder's planes, one after the other without padding. */
  readonly md5: string;
}

/** Every frame of a stream, as FFmpeg's tools name it, in the decoder's output order. */
export function truth(path: string, stream = "v:0"): TrueFrame[] {
  // One thread: with more, FFmpeg decodes some interlaced files differently.
  const input = ["-threads", "1", "-select_streams", stream];
  const { frames } = JSON.parse(
    ffprobe([...input, "-show_frames", "-show_entries", "frame=width,best_effort_timestamp_time", "-of", "json", path]),
  ) as { frames: readonly { width?: number; best_effort_timestamp_time?: string }[] };
  // The frames of nothing but side data have no width.
  const pictures = frames.filter(({ width }) => width !== undefined);
  const hidden = discarded(path, stream);
  const own = ["-map", `0:${stream}`, ...everyFrame(), "-autoscale", "0", "-f", "framemd5", "-"];
  // Unaligned: by itself, the command leaves on the left of a cropped picture what its rows are aligned to.
  const sums = ffmpeg(["-threads", "1", "-flags", "unaligned", "-noautorotate", "-i", path, ...own])
    .toString("utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
  assert.equal(sums.length, pictures.length, "ffmpeg and ffprobe decode the same frames");
  assert.ok(sums.length > 0);
  const all = pictures.map(({ best_effort_timestamp_time: time }, at) => ({
    pts: time === undefined ? null : Number(time),
    md5: sums[at]!,
  }));
  return all.filter(({ pts }) => pts === null || !hidden.has(pts));
}

/** Times of the packets that an edit list hides. FFmpeg 5.1 shows some of them all the same: of AV1 and of JPEG. */
function discarded(path: string, stream: string): Set<number> {
  const { packets } = JSON.parse(
    ffprobe(["-select_streams", stream, "-show_entries", "packet=pts_time,flags", "-of", "json", path]),
  ) as { packets?: readonly { readonly pts_time?: string; readonly flags: string }[] };
  return new Set((packets ?? []).flatMap(({ pts_time, flags }) => (flags.includes("D") ? [Number(pts_time)] : [])));
}
