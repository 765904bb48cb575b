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

let fixtures;

/** Files to decode, by name, and the md5 of each picture in its own pixel format. */
export function media() {
  if (fixtures !== undefined) return fixtures;
  const folder = emptyFolder();
  const encoded = { "h264.mp4": "libx264", "hevc.mkv": "libx265", "vp9.webm": "libvpx-vp9", "av1.mkv": "libsvtav1" };
  const paths = makeClips(folder).filter((path) => !/\.(wav|flac|m4a|wma)$|dolby|layer2/.test(path));
  for (const [name, codec] of Object.entries(encoded)) {
    const path = join(folder, name);
    const input = ["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=25", "-frames:v", "30", "-pix_fmt", "yuv420p"];
    quietly("ffmpeg", ["-v", "error", "-nostdin", ...input, "-c:v", codec, "-g", "10", path]);
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

/** Puts the files beside the project's own. */
export function addMedia(project) {
  const { folder } = media();
  mkdirSync(join(project, "media"), { recursive: true });
  for (const name of readdirSync(folder)) cpSync(join(folder, name), join(project, "media", name));
}
