// Runs after `npm install framepool`: builds the addon against the FFmpeg of this machine.
import { SetupError, runScript } from "./commands.mjs";
import { compileAddon } from "./compile.mjs";
import { describeMissing, findMissing } from "./requirements.mjs";

runScript(() => {
  const missing = findMissing({ withCommand: false });
  if (missing.length > 0) throw new SetupError(`cannot build the native addon; ${describeMissing(missing)}`);
  compileAddon({ strict: false });
});
