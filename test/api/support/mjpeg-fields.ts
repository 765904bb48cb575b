import { readFileSync, writeFileSync } from "node:fs";
import { cached, ffmpeg } from "./ffmpeg.js";

const fieldHeight = 32;

/** Motion JPEG with one field a packet, as capture cards wrote it: images of half the height that the container states. */
export function mjpegFields(name: `${string}.avi` | `${string}.mov`, packets: number): string {
  const args = ["-f", "lavfi", "-i", `testsrc2=size=96x${fieldHeight}:rate=50`, "-frames:v", String(packets)];
  const coding = ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-q:v", "4"];
  return cached(name, [...args, ...coding, "fields"], (path) => {
    ffmpeg([...args, ...coding, path]);
    const bytes = readFileSync(path);
    const double = (tag: string, offset: number): void => {
      const at = bytes.indexOf(tag) + offset;
      if (name.endsWith(".avi")) bytes.writeUInt32LE(2 * fieldHeight, at);
      else bytes.writeUInt16BE(2 * fieldHeight, at);
    };
    if (name.endsWith(".avi")) {
      double("avih", 8 + 36);
      double("strf", 8 + 8);
    } else {
      // The sample entry's height, behind its type, the reserved bytes and the width.
      double("jpeg", 4 + 8 + 16 + 2);
    }
    writeFileSync(path, bytes);
  });
}
