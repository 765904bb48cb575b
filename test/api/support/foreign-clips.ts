import { writeFileSync } from "node:fs";
import { cached, clip } from "./ffmpeg.js";
import { pattern } from "./hard-clip.js";
import { matroska } from "./matroska.js";
import { headerOf, samplesOf } from "./rearranged-clips.js";

const size = [96, 64] as const;
const frames = 24;

/** A BITMAPINFOHEADER, and what its codec needs behind it. */
function bitmapHeader(codec: string, extradata: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(header.length + extradata.length, 0);
  header.writeInt32LE(size[0], 4);
  header.writeInt32LE(size[1], 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(24, 14);
  header.write(codec, 16, "latin1");
  return Buffer.concat([header, extradata]);
}

/** FFV1 in three parts, of which the second one's pictures are of another kind than the only header says. */
export function foreignPart(args: readonly string[]): { readonly path: string; readonly foreign: [number, number] } {
  const part = (name: string, ...kind: readonly string[]): string =>
    clip(name, [
      ...pattern(frames, size.join("x")),
      "-c:v",
      "ffv1",
      "-level",
      "3",
      "-slices",
      "4",
      "-g",
      "12",
      ...kind,
    ]);
  const own = part("ffv1-own.mov", "-pix_fmt", "yuv420p");
  const other = part("ffv1-foreign.mov", ...args);
  const path = cached("ffv1-foreign.mkv", [own, other, "foreign"], (target) => {
    const samples = [own, other, own].flatMap((file) => samplesOf(file));
    const blocks = samples.map(({ isKey, bytes }, at) => ({ time: at * 40, isKey, frames: [bytes] }));
    const header = bitmapHeader("FFV1", headerOf(own, "glbl"));
    writeFileSync(target, matroska("V_MS/VFW/FOURCC", header, size, blocks));
  });
  return { path, foreign: [frames, 2 * frames] };
}
