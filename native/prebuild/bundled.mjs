// `node native/prebuild/bundled.mjs -- npm test`: runs a command with the addon that this machine's package holds, FFmpeg inside,
// instead of the one built here. It is built first where it is not yet, and kept outside the repository as for the packages.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { SetupError, runScript, say } from "../commands.mjs";
import { makeAddon } from "./addon.mjs";
import { hostTarget } from "./targets.mjs";

await runScript(async () => {
  const { positionals } = parseArgs({ options: {}, allowPositionals: true });
  const target = hostTarget();
  if (target === undefined) throw new SetupError(`there is no package for ${process.platform}-${process.arch}`);
  const addon = await makeAddon(target);
  say(`the addon is ${addon}`);
  const [command, ...args] = positionals;
  if (command === undefined) return;
  process.exitCode =
    spawnSync(command, args, { stdio: "inherit", env: { ...process.env, FRAMEPOOL_ADDON: addon } }).status ?? 1;
});
