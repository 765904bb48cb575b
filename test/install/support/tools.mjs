// What the checks of installed packages share.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError } from "../../../native/commands.mjs";
import { aptCommand } from "../../../native/requirements.mjs";

/** An empty folder for one check. */
export function emptyFolder() {
  return mkdtempSync(join(tmpdir(), "framepool-install-"));
}

/** Installs with apt what these files come from (path -> packages), where they are not there. */
export function provide(packages) {
  const missing = Object.entries(packages).filter(([path]) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.flatMap(([, name]) => name);
  const apt = aptCommand();
  if (apt === null) throw new SetupError(`missing: Debian's packages ${names.join(", ")}`);
  apt(["update", "-qq"]);
  const installed = apt(["install", "-qq", "-y", "--no-install-recommends", ...names]);
  if (!installed.ok) throw new SetupError(installed.output);
}
