// `npm run prebuild [-- --target linux-x64 ...]`: the packages of all platforms, or of those named, as tarballs in dist/packages,
// and the main one: all that is published. `--ffmpeg FOLDER`: with FFmpeg's sources in a folder of yours. `--document`: their
// sizes are put into docs/prebuilt.md. `--main`: the main one alone, for which no FFmpeg is built.
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SetupError, runScript, say } from "../commands.mjs";
import { makeAddon } from "./addon.mjs";
import { documentSizes } from "./document.mjs";
import { packMain, packPlatform, packagesDirectory, readManifest } from "./packages.mjs";
import { targets } from "./targets.mjs";

function chosenTargets(names) {
  const unknown = names.filter((name) => targets[name] === undefined);
  if (unknown.length > 0) {
    throw new SetupError(`no target ${unknown.join(", ")}: there are ${Object.keys(targets).join(", ")}`);
  }
  return names.length > 0 ? names.map((name) => targets[name]) : Object.values(targets);
}

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      target: { type: "string", multiple: true },
      ffmpeg: { type: "string" },
      main: { type: "boolean" },
      document: { type: "boolean" },
    },
  });
  const chosen = values.main === true ? [] : chosenTargets(values.target ?? []);
  const tree = values.ffmpeg === undefined ? undefined : resolve(values.ffmpeg);
  const manifest = readManifest();
  rmSync(packagesDirectory, { recursive: true, force: true });
  mkdirSync(packagesDirectory, { recursive: true });
  const packed = [];
  for (const target of chosen) packed.push(await packPlatform(manifest, target, await makeAddon(target, tree)));
  packed.push(packMain(manifest));
  rmSync(join(packagesDirectory, ".staging"), { recursive: true });
  if (values.document === true) documentSizes(packed);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  for (const { filename, size, unpackedSize } of packed) {
    say(`dist/packages/${filename}: ${megabytes(size)}, installed ${megabytes(unpackedSize)}`);
  }
});
