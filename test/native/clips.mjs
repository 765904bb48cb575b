// A few clips of kinds that the collected media has few of, made by the ffmpeg command.
import { join } from "node:path";
import { SetupError, run } from "../../native/commands.mjs";

const noise = (seconds) => ["-f", "lavfi", "-i", `anoisesrc=duration=${seconds}:sample_rate=44100:seed=1`];
const pattern = (size, frames) => ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25`, "-frames:v", String(frames)];

/** Only encoders that every FFmpeg has built in. */
const clips = {
  "b-frames.mp4": [...pattern("98x66", 40), "-c:v", "mpeg4", "-g", "12", "-bf", "2"],
  "b-frames.avi": [...pattern("98x66", 40), "-c:v", "mpeg4", "-g", "12", "-bf", "2"],
  "interlaced.ts": [...pattern("96x64", 30), "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-g", "10", "-bf", "2"],
  "program.mpg": [...pattern("96x64", 30), "-c:v", "mpeg1video", "-g", "10", "-bf", "1"],
  "intra.mov": [...pattern("65x47", 12), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
  "palette.gif": [...pattern("61x43", 12)],
  "animated.apng": [...pattern("61x43", 8), "-f", "apng"],
  "deep.mkv": [...pattern("66x50", 10), "-c:v", "ffv1", "-pix_fmt", "gbrp12le"],
  "alpha.mov": [...pattern("64x48", 6), "-c:v", "qtrle", "-pix_fmt", "argb"],
  "raw.avi": [...pattern("50x38", 6), "-c:v", "rawvideo", "-pix_fmt", "bgr24"],
  "palette.avi": [...pattern("50x38", 6), "-c:v", "rawvideo", "-pix_fmt", "pal8"],
  "raw.y4m": [...pattern("33x21", 6), "-pix_fmt", "yuv444p"],
  "fragmented.mp4": [...pattern("96x64", 40), "-c:v", "mpeg4", "-g", "8", "-movflags", "+frag_keyframe+empty_moov"],
  "flash.flv": [...pattern("96x64", 25), "-c:v", "flv", "-g", "10"],
  "windows.asf": [...pattern("96x64", 25), "-c:v", "msmpeg4v3", "-g", "10"],
  "stream.nut": [...pattern("96x64", 25), "-c:v", "mpeg4", "-g", "10"],
  "deep.wav": [...noise(2), "-c:a", "pcm_f64le", "-ac", "3"],
  "free.flac": [...noise(2), "-c:a", "flac", "-ac", "2"],
  "apple.m4a": [...noise(3), "-c:a", "alac", "-ac", "2"],
  "noisy.m4a": [...noise(2), "-c:a", "aac", "-ac", "2"],
  "dolby.mkv": [...noise(2), "-c:a", "ac3", "-ac", "2"],
  "layer2.mpg": [...noise(2), "-c:a", "mp2", "-ac", "2"],
  "windows.wma": [...noise(2), "-c:a", "wmav2", "-ac", "2"],
  "elementary.m4v": [...pattern("96x64", 25), "-c:v", "mpeg4", "-g", "10", "-bf", "2"],
};

/** The paths of the clips, made in `folder`. */
export function makeClips(folder) {
  return Object.entries(clips).map(([name, args]) => {
    const path = join(folder, name);
    const bitexact = ["-flags:v", "+bitexact", "-fflags", "+bitexact"];
    const flags = args.includes("-flags") ? [] : bitexact;
    const made = run("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, ...flags, path]);
    if (!made.ok) throw new SetupError(`ffmpeg could not make ${name}: ${made.output}`);
    return path;
  });
}
