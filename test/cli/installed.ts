import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { loadAddon } from "../../native/load.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What users get, as far as this machine can run it: the package's code in a folder of its own, with those packages beside it. */
export function installedCopy({
  addon = true,
  packages = [],
}: { addon?: boolean; packages?: readonly string[] } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "framepool-installed-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const own = join(folder, "node_modules/framepool");
  mkdirSync(own, { recursive: true });
  for (const part of ["package.json", "dist/src", "dist/workers", "dist/native"]) {
    cpSync(join(root, part), join(own, part), { recursive: true });
  }
  // As a build of its own, whichever the tests run with.
  if (addon) cpSync(loadAddon().path, join(own, "native/build/Release/framepool.node"));
  for (const name of ["comlink", "lru-cache", "piscina", "undici", ...packages]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link, "junction");
  }
  return own;
}
