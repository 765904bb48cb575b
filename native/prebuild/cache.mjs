// What is built once and kept: a folder for each result outside the repository, named by what went into it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SetupError, run, say } from "../commands.mjs";
import { withLock } from "../lock.mjs";

export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "framepool");

/**
 * The folder `<cache>/<kind>/<name>-<hash of facts>`. `make(folder, work)` fills it when it is not whole yet; `work` is an empty
 * folder that is gone afterwards; with `resumes` it is what a build that was ended before it was done left in it. Another process
 * that wants the same waits.
 */
export async function cached(kind, name, facts, make, { resumes = false } = {}) {
  const hash = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 12);
  const folder = join(cacheDirectory, kind, `${name}-${hash}`);
  const whole = join(folder, ".whole");
  if (existsSync(whole)) return folder;
  return withLock(
    `${folder}.lock`,
    { waitingFor: `another build of ${name}`, expiresMs: 6 * 60 * 60_000 },
    async () => {
      if (existsSync(whole)) return folder;
      const work = `${folder}.work`;
      for (const stale of resumes ? [folder] : [folder, work]) rmSync(stale, { recursive: true, force: true });
      for (const wanted of [folder, work]) mkdirSync(wanted, { recursive: true });
      await make(folder, work);
      rmSync(work, { recursive: true, force: true });
      writeFileSync(whole, JSON.stringify(facts, null, 2));
      return folder;
    },
  );
}

/**
 * Whether `make` may go on in the folder of a build that was ended, which has come as far as the file `mark`; where it may not, the
 * folder is empty. The files of its last minute are taken away: they may have been written halfway, and make goes by their times.
 */
export function resume(work, mark) {
  const files = readdirSync(work, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, written: statSync(path).mtimeMs }));
  const last = files.reduce((newest, { written }) => Math.max(newest, written), 0);
  for (const { path } of files.filter(({ written }) => written > last - 60_000)) rmSync(path);
  if (existsSync(join(work, mark))) return true;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  return false;
}

/** Runs a step of a build that takes a while. */
export function step(title, command, args, options) {
  say(title);
  quietly(command, args, options);
}

/** What a command printed that must succeed; when it fails, its last lines are in the error. */
export function quietly(command, args, options) {
  const done = run(command, args, options);
  if (done.ok) return done.output;
  const lines = done.output.split("\n").slice(-60).join("\n");
  throw new SetupError(`${[command, ...args].join(" ").slice(0, 200)} failed:\n${lines}`);
}
