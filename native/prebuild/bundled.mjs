// `node native/prebuild/bundled.mjs -- npm test`: runs a command with the addon that this machine's package holds, FFmpeg inside,
// instead of the one built here. It is built first where it is not yet, and kept outside the repository as for the packages.
// `--packed`: out of the package that is in dist/packages.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SetupError, runScript, say } from "../commands.mjs";
import { makeAddon } from "./addon.mjs";
import { quietly } from "./cache.mjs";
import { packagesDirectory, readManifest, tarballOf } from "./packages.mjs";
import { hostTarget } from "./targets.mjs";

function unpackAddon(target) {
  const folder = mkdtempSync(join(tmpdir(), "framepool-addon-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const tarball = join(packagesDirectory, tarballOf(target.package, readManifest()));
  quietly("tar", ["-xzf", tarball, "-C", folder, "package/framepool.node"]);
  return join(folder, "package/framepool.node");
}

await runScript(async () => {
  const { values, positionals } = parseArgs({ options: { packed: { type: "boolean" } }, allowPositionals: true });
  const target = hostTarget();
  if (target === undefined) throw new SetupError(`there is no package for ${process.platform}-${process.arch}`);
  const addon = values.packed === true ? unpackAddon(target) : await makeAddon(target);
  say(`the addon is ${addon}`);
  const [command, ...args] = positionals;
  if (command === undefined) return;
  process.exitCode =
    spawnSync(command, args, { stdio: "inherit", env: { ...process.env, FRAMEPOOL_ADDON: addon } }).status ?? 1;
});
