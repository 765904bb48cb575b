import {
  copyFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { VideoName } from "./cases.js";
import { output } from "./commands.js";
import type { VideoFacts } from "./model.js";
import { benchCache, benchSources, cacheFolder } from "./paths.js";

/** Where the videos are, and what is in them. */
export interface Media {
  readonly folder: string;
  readonly files: Record<VideoName, readonly string[]>;
  readonly facts: Record<VideoName, VideoFacts>;
}

const isComplete = (folder: string): boolean =>
  ["n60.mp4", "n13.mp4", "clips"].every((name) => existsSync(join(folder, name)));

/**
 * A folder given by the user, one of the same layout that other measurements on this machine made, or our own, made here
 * when it is not there. Figures of different folders are not comparable: the results name theirs.
 */
export function findMedia(given: string | undefined, mostClips: number): Media {
  const chosen = given ?? process.env["FRAMEPOOL_BENCH_MEDIA"];
  if (chosen !== undefined && !isComplete(chosen)) {
    throw new Error(`${chosen}: no n60.mp4, n13.mp4 and clips/ there; make them with bench/make-media.sh ${chosen}`);
  }
  const shared = join(cacheFolder("framepool-checks"), "media");
  const folder = chosen ?? (isComplete(shared) ? shared : ownMedia());
  const clips = readdirSync(join(folder, "clips"))
    .filter((name) => name.endsWith(".mp4"))
    .sort()
    .slice(0, mostClips)
    .map((name) => join(folder, "clips", name));
  const files = { minute: [join(folder, "n60.mp4")], quarter: [join(folder, "n13.mp4")], clips };
  const facts = {
    minute: factsOf("minute", files.minute),
    quarter: factsOf("quarter", files.quarter),
    clips: factsOf("clips", clips),
  };
  return { folder, files, facts };
}

export interface LongVideo {
  readonly title: string;
  readonly path: string;
}

/** 206 s of 1080p in 250 MB, with the index behind the pictures and before them. */
export function longVideos(given: string | undefined): readonly LongVideo[] {
  const { folder } = findMedia(given, 0);
  const videos = [
    { title: "moov last", path: join(folder, "n206.mp4") },
    { title: "moov first", path: join(folder, "n206_fs.mp4") },
  ];
  // Without the short videos: a folder of an earlier version has these already.
  if (!videos.every(({ path }) => existsSync(path))) output("bash", [join(benchSources, "make-media.sh"), folder, "0"]);
  return videos;
}

function ownMedia(): string {
  const folder = join(benchCache, "media");
  if (!isComplete(folder)) {
    console.error(`making the videos in ${folder}: once, it takes a while`);
    output("bash", [join(benchSources, "make-media.sh"), folder]);
  }
  return folder;
}

function factsOf(name: VideoName, files: readonly string[]): VideoFacts {
  return {
    name,
    files: files.length,
    frames: files.reduce((sum, file) => sum + frameCount(file), 0),
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
  };
}

/** As the header states it, read by FFmpeg's own tool: no contender is asked. */
function frameCount(file: string): number {
  const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=nb_frames", "-of", "csv=p=0", file];
  const count = Number.parseInt(output("ffprobe", args), 10);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`${file}: the header does not state the number of frames`);
}

/** Copies that no run has seen, so that nothing kept from an earlier one helps. On disk before the clock starts. */
export function freshCopies(files: readonly string[], folder: string, runs: number): string[][] {
  return Array.from({ length: runs }, (_, run) => {
    const target = join(folder, String(run));
    mkdirSync(target, { recursive: true });
    return files.map((file, i) => {
      const copy = join(target, `${String(i).padStart(3, "0")}.mp4`);
      copyFileSync(file, copy);
      const handle = openSync(copy, "r+");
      fsyncSync(handle);
      closeSync(handle);
      return copy;
    });
  });
}

/** A small generated clip for the microbenchmarks: made once, named by what is in it. `args` are FFmpeg's, without the output. */
export function smallClip(name: string, args: readonly string[]): string {
  const folder = join(benchCache, "small");
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  try {
    output("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, path]);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return path;
}
