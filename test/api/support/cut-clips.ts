import { clip } from "./ffmpeg.js";
import { type HardClip, make, pattern } from "./hard-clip.js";

/** From somewhere between two key pictures on. */
const inside = (extension: string, encoder: string, size: string, args: readonly string[] = []): HardClip =>
  make(`inside-${encoder}.${extension}`, "begins with pictures that rest on some that are not there", encoder, () => {
    const encoded = [...pattern(40, size), "-threads", "1", ...args, "-g", "12", "-c:v", encoder];
    const whole = clip(`uncut-${encoder}.${extension}`, encoded);
    return clip(`inside-${encoder}.${extension}`, ["-i", whole, "-ss", "0.3", "-copyinkf", "-c", "copy"]);
  });

/** Recordings that begin inside, of codecs whose decoders go on with the picture that they have. */
export const cutClips: readonly HardClip[] = [
  inside("avi", "cinepak", "96x64"),
  inside("avi", "msvideo1", "96x64"),
  inside("mov", "smc", "96x64", ["-pix_fmt", "pal8"]),
  inside("mov", "qtrle", "96x64"),
  // Of other sizes, FFmpeg 5.1's encoder may write where it must not.
  inside("mov", "rpza", "128x96"),
  inside("flv", "flv", "96x64"),
  inside("avi", "msmpeg4v2", "96x64"),
  inside("avi", "h261", "176x144"),
];
