// `node native/prebuild/publish.mjs [npm's options]`: publishes what is in dist/packages: the platforms' packages first, so that
// nobody can install the main one without them. Nothing is published when one is missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError, runScript } from "../commands.mjs";
import { packagesDirectory, readManifest, releaseFiles } from "./packages.mjs";

await runScript(() => {
  const files = releaseFiles(readManifest());
  const missing = files.filter((file) => !existsSync(join(packagesDirectory, file)));
  if (missing.length > 0) throw new SetupError(`not in dist/packages: ${missing.join(", ")}`);
  for (const file of files) {
    const args = ["publish", join(packagesDirectory, file), "--access", "public", ...process.argv.slice(2)];
    if (spawnSync("npm", args, { stdio: "inherit" }).status !== 0) throw new SetupError(`${file} was not published`);
  }
});
