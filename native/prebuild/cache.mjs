// What is built once and kept: a folder for each result outside the repository, named by what went into it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SetupError, run, say } from "../commands.mjs";
import { withLock } from "../lock.mjs";

export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "framepool");

/**
 * The folder `<cache>/<kind>/<name>-<hash of facts>`. `make(folder, work)` fills it when it is not whole yet; `work` is an empty
 * folder that is gone afterwards. Another process that wants the same waits.
 */
export async function cached(kind, name, facts, make) {
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
      for (const stale of [folder, work]) {
        rmSync(stale, { recursive: true, force: true });
        mkdirSync(stale, { recursive: true });
      }
      await make(folder, work);
      rmSync(work, { recursive: true, force: true });
      writeFileSync(whole, JSON.stringify(facts, null, 2));
      return folder;
    },
  );
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
