// `node test/install/here.mjs`: the packages of dist/packages on this machine, whatever it is: installed by npm without a script, and
// found well by framepool's own doctor, which decodes a file. Needs neither the build nor the ffmpeg command.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { runScript } from "../../native/commands.mjs";
import { quietly } from "../../native/prebuild/cache.mjs";
import { startRegistry } from "./support/registry.mjs";
import { installed } from "./support/project.mjs";

await runScript(async () => {
  const registry = await startRegistry();
  const folder = installed(registry.url);
  try {
    const command = join(folder, "node_modules/framepool/dist/src/bundle/main.js");
    console.log(quietly(process.execPath, [command, "doctor"], { cwd: folder }));
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
