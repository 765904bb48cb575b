import { spawn } from "node:child_process";
import { mkdir, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { exists, hasCode, OutputError, temporaryFor } from "./files.js";

const seconds = 10;
const gradients =
  "gradients=size=320x180:rate=30:nb_colors=5:speed=0.012:seed=3:x0=0:y0=0:x1=320:y1=180" +
  ":c0=0x14213d:c1=0x8338ec:c2=0xff006e:c3=0xfb8500:c4=0x2ec4b6";
const label =
  "drawtext=text='%{pts\\:hms}   frame %{n}':x=(w-tw)/2:y=(h-th)/2:fontsize=64:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=24";
const scale = "scale=1280:720:flags=bicubic";

/** Not every build of FFmpeg has every part: the first recipe that works is taken. */
const recipes = [
  { input: gradients, filter: `${scale},${label}`, encoder: ["libx264", "-preset", "veryfast", "-crf", "20"] },
  { input: gradients, filter: scale, encoder: ["libx264", "-preset", "veryfast", "-crf", "20"] },
  { input: "testsrc2=size=1280x720:rate=30", filter: "null", encoder: ["mpeg4", "-q:v", "4"] },
];

export const sampleDescription = `${seconds} s of moving colours that show their own time and frame number, 1280x720, with B-frames`;

/** A video to try things with, made by the ffmpeg command. A sample that is there already stays. */
export async function makeSample(path: string): Promise<"made" | "kept"> {
  if (exists(path)) return "kept";
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryFor(path);
  let complaint = "";
  for (const { input, filter, encoder } of recipes) {
    const source = ["-f", "lavfi", "-i", input, "-t", String(seconds), "-vf", filter];
    const output = ["-c:v", ...encoder, "-bf", "2", "-g", "60", "-pix_fmt", "yuv420p", "-f", "mp4", temporary];
    complaint = await ffmpeg(["-nostdin", "-v", "error", "-y", ...source, ...output]);
    if (complaint === "") {
      await rename(temporary, path);
      return "made";
    }
  }
  await unlink(temporary).catch(() => undefined);
  throw new OutputError(`${path}: the ffmpeg command cannot make a sample: ${complaint.split("\n")[0] ?? ""}`);
}

/** Resolves to what it complained about: "" is success. */
async function ffmpeg(args: readonly string[]): Promise<string> {
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      const reason = hasCode(error, "ENOENT") ? "it is not installed" : error.message;
      reject(new OutputError(`no video was given, and the ffmpeg command that would make one does not run: ${reason}`));
    });
    child.on("close", (code) => resolve(code === 0 ? "" : complaint.trim() || `exit code ${code}`));
  });
}
