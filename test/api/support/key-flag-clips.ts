import { readFileSync, writeFileSync } from "node:fs";
import { cached, clip } from "./ffmpeg.js";
import { type HardClip, make, pattern } from "./hard-clip.js";
import { allBlocksKey, allSamplesKey } from "./key-flags.js";

/** A recording that was broken off: without its index, an AVI's packets all pass for key packets. */
function brokenOff(path: string, name: string): string {
  return cached(name, [path, "no index"], (target) => {
    const bytes = readFileSync(path);
    writeFileSync(target, bytes.subarray(0, bytes.lastIndexOf("idx1")));
  });
}

const encoded = (name: string, args: readonly string[]): string =>
  clip(name, [...pattern(24), "-threads", "1", "-g", "8", "-c:v", ...args]);

/** Packets marked as those to begin with, of codecs that leave out what stays as it was. */
export const keyFlagClips: readonly HardClip[] = [
  // Of other sizes, FFmpeg 5.1's encoder may write where it must not.
  make("road.mov", "every packet is marked as a key packet, and is none", "rpza", () =>
    clip("road.mov", [...pattern(20, "128x96"), "-c:v", "rpza"]),
  ),
  make("animation.mov", "the same, but for some", "qtrle", () =>
    allSamplesKey(encoded("animation-keys.mov", ["qtrle"]), "animation.mov"),
  ),
  make("broken-off.avi", "an index that was never written", "msvideo1", () =>
    brokenOff(encoded("video1.avi", ["msvideo1"]), "broken-off.avi"),
  ),
  make("graphics.mov", "neither packets nor decoder say which pictures stand by themselves", "smc", () =>
    allSamplesKey(encoded("graphics-keys.mov", ["smc"]), "graphics.mov"),
  ),
  make("all-key-ffv1.mkv", "the decoder calls every picture an I picture", "ffv1", () =>
    allBlocksKey(encoded("ffv1.mkv", ["ffv1", "-level", "1", "-context", "1"]), "all-key-ffv1.mkv"),
  ),
  make("intra.mkv", "pictures that refer to no other, and that FFmpeg shows otherwise behind others", "vc2", () =>
    clip("vc2.mkv", [...pattern(24), "-pix_fmt", "yuv422p", "-strict", "-1", "-c:v", "vc2"]),
  ),
  make("intra.ts", "the same where packets are not marked", "vc2", () =>
    clip("vc2.ts", [...pattern(24), "-pix_fmt", "yuv420p", "-strict", "-1", "-c:v", "vc2"]),
  ),
];
