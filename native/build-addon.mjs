// `framepool build`: builds the addon against the FFmpeg of this machine, in the package as users have it.
import { SetupError, runScript, say } from "./commands.mjs";
import { addonPath, compileAddon } from "./compile.mjs";
import { describeMissing, findMissing } from "./requirements.mjs";

runScript(() => {
  if (process.platform === "win32") {
    throw new SetupError(
      "there is no build against a system's FFmpeg on Windows: the package @framepool/win32-x64 has one inside",
    );
  }
  const missing = findMissing({ withCommand: false });
  if (missing.length > 0) throw new SetupError(`cannot build the native addon; ${describeMissing(missing)}`);
  compileAddon({ strict: false });
  say(`the native addon is built: ${addonPath}`);
});
