// Several pictures that are shown, in one packet: recordings of VP9 with spatial layers, each of which FFmpeg shows.
import { writeFileSync } from "node:fs";
import { cached, clip } from "./ffmpeg.js";
import { type HardClip, make, pattern } from "./hard-clip.js";
import { matroska } from "./matroska.js";
import { samplesOf } from "./rearranged-clips.js";

const layers = 3;
const size = [96, 64] as const;

/** VP9, Annex B: the pictures, and their lengths at the end. */
function superframe(pictures: readonly Buffer[]): Buffer {
  const bytesOfLength = 4;
  const marker = Buffer.from([0xc0 | ((bytesOfLength - 1) << 3) | (pictures.length - 1)]);
  const lengths = pictures.map(({ length }) => {
    const bytes = Buffer.alloc(bytesOfLength);
    bytes.writeUInt32LE(length);
    return bytes;
  });
  return Buffer.concat([...pictures, marker, ...lengths, marker]);
}

function single(): string {
  const encoder = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "15"];
  return clip("single-vp9.mp4", [...pattern(60, size.join("x")), ...encoder]);
}

function packed(name: string): string {
  const inMatroska = "layers.mkv";
  const from = single();
  const path = cached(inMatroska, [from, "packed"], (target) => {
    const samples = samplesOf(from);
    const blocks = samples.flatMap(({ isKey }, at) => {
      if (at % layers !== 0) return [];
      const bytes = superframe(samples.slice(at, at + layers).map((sample) => sample.bytes));
      return [{ time: (at / layers) * 40, isKey, frames: [bytes] }];
    });
    writeFileSync(target, matroska("V_VP9", Buffer.alloc(0), size, blocks));
  });
  return name === inMatroska ? path : clip(name, ["-i", path, "-c", "copy"]);
}

export const packedClips: readonly HardClip[] = ["layers.mkv", "layers.mp4"].map((name) =>
  make(name, "three pictures that are shown in each packet", "libvpx-vp9", () => packed(name)),
);
