import { readFileSync, writeFileSync } from "node:fs";
import { cached, canEncode, clip } from "./ffmpeg.js";
import { type Block, withBlocks } from "./matroska.js";

export interface OddFile {
  readonly name: string;
  readonly path: () => string;
}

const encoders: Readonly<Record<string, readonly [encoder: string, ...args: string[]]>> = {
  mpeg2: ["mpeg2video", "-q:v", "4", "-g", "12"],
  mpeg4: ["mpeg4", "-q:v", "4", "-g", "12"],
  h264: ["libx264", "-preset", "veryfast", "-g", "12", "-x264-params", "b-adapt=0:scenecut=0"],
  hevc: [
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=none:pools=none:frame-threads=1:keyint=12:b-adapt=0",
  ],
  vp8: ["libvpx", "-g", "12", "-cpu-used", "8", "-b:v", "200k"],
  mjpeg: ["mjpeg", "-pix_fmt", "yuvj420p"],
};

/** 60 pictures of 96x64, 25 a second. */
function source(codec: string, bFrames: number, container: string, args: readonly string[] = []): string {
  const [encoder, ...options] = encoders[codec] ?? ["none"];
  const name = `times-${codec}-${String(bFrames)}.${container}`;
  const input = ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "60"];
  const exact = ["-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1"];
  const b = codec === "mjpeg" || codec === "vp8" ? [] : ["-bf", String(bFrames)];
  return clip(name, [...input, ...exact, "-pix_fmt", "yuv420p", "-c:v", encoder, ...options, ...b, ...args]);
}

type Change = (blocks: readonly Block[]) => readonly Block[];

/** Several frames in one block, which begins with a key frame or does not. */
const laced: Change = (blocks) => {
  const all: Block[] = [];
  for (let at = 0; at < blocks.length; at += 4) {
    const group = blocks.slice(at, at + 4);
    all.push({ time: at * 40, isKey: group[0]?.isKey ?? false, frames: group.flatMap(({ frames }) => frames) });
  }
  return all;
};
const inDecodingOrder: Change = (blocks) => blocks.map((block, at) => ({ ...block, time: at * 40 }));
const coarse: Change = (blocks) => blocks.map((block) => ({ ...block, time: Math.floor(block.time / 100) * 100 }));
const inPairs: Change = (blocks) => blocks.map((block) => ({ ...block, time: Math.floor(block.time / 80) * 80 }));
const dense: Change = (blocks) => blocks.map((block) => ({ ...block, time: Math.round(block.time / 100) }));
/** As if the clock stepped back half a second in the middle, at a key frame. */
const steppingBack: Change = (blocks) =>
  blocks.map((block, at) => ({ ...block, time: at < 24 ? block.time : block.time - 500 }));
const allTheSame: Change = (blocks) => blocks.map((block) => ({ ...block, time: 0 }));
const uneven: Change = (blocks) =>
  blocks.map((block) => ({ ...block, time: block.time + (Math.floor(block.time / 40) % 3) * 13 }));

const changes: Readonly<Record<string, Change>> = {
  laced,
  inDecodingOrder,
  coarse,
  inPairs,
  dense,
  steppingBack,
  allTheSame,
  uneven,
};

/** Files whose times are odd: what is exact is for an index to say; approximate mode may not call a frame the one meant that is not. */
export function oddTimes(): OddFile[] {
  const files: OddFile[] = [];
  const add = (name: string, encoder: string, path: () => string): void => {
    if (canEncode(encoder)) files.push({ name, path });
  };
  for (const [codec, [encoder]] of Object.entries(encoders)) {
    const most = codec === "mjpeg" || codec === "vp8" ? 0 : 2;
    for (const bFrames of most === 0 ? [0] : [0, most]) {
      for (const [how, change] of Object.entries(changes)) {
        for (const cues of [true, false]) {
          const name = `times-${how}-${codec}-${String(bFrames)}${cues ? "" : "-no-cues"}.mkv`;
          add(name, encoder, () =>
            withBlocks(source(codec, bFrames, "mkv"), name, change, { cues, frameDuration: how !== "laced" || cues }),
          );
        }
      }
    }
    for (const container of ["avi", "flv", "asf", "nut", "mxf", "ts", "mpg"]) {
      if (container === "flv" && codec !== "h264") continue;
      if (container === "mxf" && codec !== "mpeg2" && codec !== "h264") continue;
      if ((container === "ts" || container === "mpg") && (codec === "vp8" || codec === "mjpeg")) continue;
      if (container === "mpg" && codec === "mpeg4") continue;
      // FFmpeg 5.1 takes it for raw pictures, or does not write it.
      if ((container === "avi" || container === "asf") && codec === "hevc") continue;
      add(`times-${codec}-${String(most)}.${container}`, encoder, () => source(codec, most, container));
    }
  }
  add("times-joined-back.ts", "libx264", joinedBack);
  return files;
}

/** A recording joined to one that begins earlier on the clock. */
export function joinedBack(): string {
  const part = (seconds: number): string => source("h264", 2, "ts", ["-output_ts_offset", String(seconds)]);
  const parts = [part(10), part(2)];
  return cached("times-joined-back.ts", parts, (target) => {
    writeFileSync(target, Buffer.concat(parts.map((path) => readFileSync(path))));
  });
}
