// `node test/install/here.mjs`: the packages of dist/packages on this machine, whatever it is: installed by npm without a script, and
// found well by framepool's own doctor, which decodes a file. Needs neither the build nor the ffmpeg command.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "../../native/commands.mjs";
import { startRegistry } from "./support/registry.mjs";
import { emptyFolder, must } from "./support/tools.mjs";

await runScript(async () => {
  const registry = await startRegistry();
  const folder = emptyFolder();
  try {
    must("npm", ["init", "-y"], { cwd: folder });
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", `--registry=${registry.url}`];
    must("npm", ["install", ...options, "framepool"], { cwd: folder });
    const command = join(folder, "node_modules/framepool/dist/src/command/main.js");
    console.log(must(process.execPath, [command, "doctor"], { cwd: folder }));
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
