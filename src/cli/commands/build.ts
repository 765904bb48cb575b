import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseCommandLine, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool build

Builds the native addon against this system's FFmpeg (4.4 or newer) instead of the one that comes with framepool's
package for the platform, and puts it into framepool's own folder, where it is found first. It needs a C++ compiler, make,
Python and FFmpeg's development libraries, and says in one line what is missing; node-gyp and node-addon-api are fetched
with npm. "framepool doctor" then says which addon is used. To go back, remove native/build in framepool's folder.

Exit code: 0 when it is built, 1 when it is not, 2 for a wrong command line.
`;

/** From where the command's files are. */
const script = fileURLToPath(new URL("../../../native/build-addon.mjs", import.meta.url));

async function run(args: readonly string[]): Promise<number> {
  const { positionals } = parseCommandLine(args, {});
  if (positionals.length > 0) throw new UsageError("build takes no files");
  const child = spawn(process.execPath, [script], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve(code === 0 ? 0 : 1));
  });
}

export const buildCommand: Command = { help, run };
