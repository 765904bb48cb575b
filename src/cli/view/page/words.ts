import { clock } from "../../clock.js";
import type { VideoFacts } from "../answers.js";
import type { Kind } from "../time-line.js";

export const kindWords: Readonly<Record<Kind, string>> = {
  key: "key (I)",
  forward: "in order (P)",
  reordered: "reordered (B)",
};

/** "912 B", "12.3 kB", "4.1 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function secondsText(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}

/** "4.5", "90s", "1:30.5" or "1:02:03" in seconds; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const match = /^(-?)(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)\s*s?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, hours = "0", minutes = "0", seconds = ""] = match;
  const total = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
  return sign === "-" ? -total : total;
}

export function videoRows(video: VideoFacts, container: string): readonly (readonly [string, string])[] {
  const { codec, pixelFormat, width, height, rotation, numFrames, averageFps, durationSeconds, bitRate } = video;
  const turned = rotation === null || rotation === 0 ? "" : `, turned by ${rotation}°`;
  const colour = [video.colorSpace, video.colorPrimaries, video.colorTransferCharacteristic, video.colorRange];
  const known = [...new Set(colour.filter((name) => name !== null))];
  return [
    ["Codec", pixelFormat === null ? codec : `${codec}, ${pixelFormat}`],
    ["Size", `${width} × ${height}${turned}`],
    ["Frames", String(numFrames)],
    ["Rate", averageFps === null ? "unknown" : `${Number(averageFps.toFixed(3))} frames/s`],
    ["Duration", durationSeconds === null ? "unknown" : clock(durationSeconds)],
    ["Begins at", secondsText(video.beginStreamSeconds)],
    ["Bit rate", bitRate === null ? "unknown" : `${Math.round(bitRate / 1000)} kbit/s`],
    ["Colour", `${known.join(", ") || "unknown"}${isHdr(video) ? ": HDR, shown as standard range" : ""}`],
    ["Container", container],
  ];
}

function isHdr({ colorTransferCharacteristic: transfer }: VideoFacts): boolean {
  return transfer === "smpte2084" || transfer === "arib-std-b67";
}
