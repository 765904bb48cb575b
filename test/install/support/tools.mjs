// What the checks of installed packages share: a folder that lasts between runs, commands that must succeed, downloads that npm checks.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { SetupError, run } from "../../../native/commands.mjs";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "framepool", "install-checks");

/** Runs a command that must succeed; what it printed. */
export function must(command, args, options = {}) {
  const done = run(command, args, options);
  if (!done.ok) throw new SetupError(`${command} ${args.join(" ")}: ${done.output.slice(-4000)}`);
  return done.output;
}

/** A folder made once: `make` fills an empty one, which then takes its place as a whole. */
export function madeOnce(name, make) {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const part = mkdtempSync(join(cache, ".part-"));
  try {
    make(part);
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** An empty folder for one check. */
export function emptyFolder() {
  return mkdtempSync(join(tmpdir(), "framepool-install-"));
}

/** The contents of a package of the npm registry, checked by npm, as it is in its tarball. Nothing of it is run. */
export function npmPackage(name, version) {
  return madeOnce(`${name}-${version}`, (part) => {
    must("npm", ["pack", "--silent", `${name}@${version}`], { cwd: part });
    const tarball = readdirSync(part).find((file) => file.endsWith(".tgz"));
    must("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: part });
    rmSync(join(part, tarball));
  });
}

/** Installs with apt what these commands need, where it is not there. */
export function provide(packages) {
  const missing = Object.entries(packages).filter(([path]) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.flatMap(([, name]) => name);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  must("apt-get", ["update", "-qq"], { env: environment });
  must("apt-get", ["install", "-qq", "-y", "--no-install-recommends", ...names], { env: environment });
}
