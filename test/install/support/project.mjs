// An empty project with framepool installed as users do it, the files that it decodes, and what FFmpeg's own command says is in them.
import { cpSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeClips } from "../../native/clips.mjs";
import { npm } from "../../../native/commands.mjs";
import { quietly } from "../../../native/prebuild/cache.mjs";
import { emptyFolder } from "./tools.mjs";

const programs = fileURLToPath(new URL("../programs/", import.meta.url));

/** A folder in which `npm init` and `npm install framepool` were run, as on the target's machine. No script of a package runs. */
export function installed(registry, target) {
  const folder = emptyFolder();
  npm(["init", "-y"], folder);
  install(folder, registry, ["framepool"], target);
  cpSync(programs, folder, { recursive: true });
  return folder;
}

/** `npm install` of packages into a folder. */
export function install(folder, registry, packages, target) {
  const fields = Object.entries(target?.npm ?? {}).map(([name, [value]]) => `--${name}=${value}`);
  npm(
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", `--registry=${registry}`, ...fields, ...packages],
    folder,
  );
}

/** The lock file's packages, without the project itself: path in node_modules -> what is locked. */
export function lockedPackages(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  return Object.fromEntries(Object.entries(packages).filter(([path]) => path !== ""));
}

/** What npm put into node_modules, by name. */
export function installedNames(folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8"));
  return Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ""));
}

const small = ["size=128x96:rate=25", "-frames:v", "30", "-pix_fmt", "yuv420p", "-g", "10", "-c:v"];

/** What the clips of the native tests lack: the pattern, and how it is encoded. */
const encoded = {
  "h264.mp4": [...small, "libx264"],
  "hevc.mkv": [...small, "libx265"],
  "vp9.webm": [...small, "libvpx-vp9"],
  "av1.mkv": [...small, "libsvtav1"],
  // Wide enough for the widest steps of the kernels, and for what is left behind them.
  "wide.mp4": ["size=710x402:rate=25", "-frames:v", "5", "-pix_fmt", "yuv420p", "-c:v", "libx264"],
  "bright.mkv": [
    ...["size=322x182:rate=25", "-frames:v", "5", "-pix_fmt", "yuv420p10le", "-c:v", "ffv1", "-color_range", "tv"],
    ...["-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"],
  ],
};

let fixtures;

/** Files to decode, by name, and the md5 of each picture in its own pixel format. */
export function media() {
  if (fixtures !== undefined) return fixtures;
  const folder = emptyFolder();
  const paths = makeClips(folder).filter((path) => !/\.(wav|flac|m4a|wma)$|dolby|layer2/.test(path));
  for (const [name, [pattern, ...encoding]] of Object.entries(encoded)) {
    const path = join(folder, name);
    const input = ["-f", "lavfi", "-i", `testsrc2=${pattern}`, ...encoding];
    quietly("ffmpeg", ["-v", "error", "-nostdin", ...input, path]);
    paths.push(path);
  }
  const sums = new Map(paths.map((path) => [path.slice(folder.length + 1), framesOf(path)]));
  fixtures = { folder, sums };
  return fixtures;
}

function framesOf(path) {
  const own = ["-map", "0:v:0", "-fps_mode", "passthrough", "-autoscale", "0", "-f", "framemd5", "-"];
  return quietly("ffmpeg", ["-v", "error", "-nostdin", "-threads", "1", "-noautorotate", "-i", path, ...own])
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.slice(line.lastIndexOf(",") + 1).trim());
}

/** The name of a file's video codec, in FFmpeg's words. */
export function codecOf(path) {
  const which = ["-select_streams", "v:0", "-show_entries", "stream=codec_name", "-of", "csv=p=0"];
  return quietly("ffprobe", ["-v", "error", ...which, path]);
}

/** All its pictures in their own pixel format, one behind the other. */
export function planesOf(path) {
  const to = join(emptyFolder(), "planes");
  const own = ["-map", "0:v:0", "-fps_mode", "passthrough", "-autoscale", "0", "-f", "rawvideo", to];
  quietly("ffmpeg", ["-v", "error", "-nostdin", "-threads", "1", "-noautorotate", "-i", path, ...own]);
  return readFileSync(to);
}

/** Puts the files beside the project's own. */
export function addMedia(project) {
  const { folder } = media();
  mkdirSync(join(project, "media"), { recursive: true });
  for (const name of readdirSync(folder)) cpSync(join(folder, name), join(project, "media", name));
}
