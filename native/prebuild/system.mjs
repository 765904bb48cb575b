// `node native/prebuild/system.mjs --ffmpeg 7.1.5 -- npm run test:native`: runs a command with another FFmpeg as if it were
// this system's: pkg-config finds it first. It is built once, as for the packages and outside the repository; the addon and the
// native checks are built again by the command, and again by the next one that runs without this.
// `--ffmpeg FOLDER`: FFmpeg's sources in a folder of yours.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SetupError, runScript, say } from "../commands.mjs";
import { buildFfmpeg } from "./ffmpeg.mjs";
import { buildLibraries } from "./libraries.mjs";
import { sources } from "./sources.mjs";
import { hostTarget } from "./targets.mjs";
import { makeToolchain } from "./toolchain.mjs";

const releases = Object.keys(sources).flatMap((name) => (name.startsWith("ffmpeg-") ? [name.slice(7)] : []));

await runScript(async () => {
  const { values, positionals } = parseArgs({ options: { ffmpeg: { type: "string" } }, allowPositionals: true });
  const { ffmpeg = "" } = values;
  const tree = existsSync(join(ffmpeg, "configure")) ? resolve(ffmpeg) : undefined;
  if (tree === undefined && !releases.includes(ffmpeg)) {
    throw new SetupError(`usage: node native/prebuild/system.mjs --ffmpeg ${releases.join("|")}|FOLDER [-- command]`);
  }
  const target = hostTarget();
  const toolchain = await makeToolchain(target);
  const libraries = await buildLibraries(target, toolchain);
  const release = `ffmpeg-${tree === undefined ? ffmpeg : basename(tree)}`;
  const folder = await buildFfmpeg({ release, tree, target, toolchain, libraries });
  say(`${release} is in ${folder}`);
  const [command, ...args] = positionals;
  if (command === undefined) return;
  const paths = [folder, ...libraries].map((path) => join(path, "lib/pkgconfig"));
  if (process.env.PKG_CONFIG_PATH) paths.push(process.env.PKG_CONFIG_PATH);
  const env = { ...process.env, PKG_CONFIG_PATH: paths.join(delimiter) };
  process.exitCode = spawnSync(command, args, { stdio: "inherit", env }).status ?? 1;
});
