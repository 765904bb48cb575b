// One process at a time at something in the file system; a second one waits for the first.
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./commands.mjs";

/** Holds `lock` while `work` runs. One whose process is gone, or that is older than `expiresMs`, counts as left behind. */
export async function withLock(lock, { waitingFor, expiresMs }, work) {
  const own = `${process.pid}-${randomUUID()}`;
  mkdirSync(dirname(lock), { recursive: true });
  for (let attempt = 0; !create(lock, own) && !takeOver(lock, own, expiresMs); attempt++) {
    if (attempt === 0) say(`waiting for ${waitingFor}`);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(join(lock, own), { force: true });
    succeeds(() => rmdirSync(lock));
  }
}

/** A lock is a folder with one file, whose name is never given twice. Both appear by one renaming, which fails where there is one. */
function create(lock, own) {
  const aside = `${lock}.${own}`;
  mkdirSync(aside);
  writeFileSync(join(aside, own), "");
  try {
    return succeeds(() => renameSync(aside, lock));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** What was left behind, by renaming the very file that was looked at: of all who looked at it one succeeds. */
function takeOver(lock, own, expiresMs) {
  return succeeds(() => {
    const [held] = readdirSync(lock);
    // Empty, it is in nobody's way but on Windows.
    if (held === undefined) rmdirSync(lock);
    const file = join(lock, held ?? own);
    if (Date.now() - statSync(file).mtimeMs < expiresMs && isRunning(parseInt(held))) return false;
    // First: it must not look old for a moment when it is ours.
    utimesSync(file, new Date(), new Date());
    renameSync(file, join(lock, own));
  });
}

/** False where another process was faster, or `step` says so. */
function succeeds(step) {
  try {
    return step() !== false;
  } catch (error) {
    // EPERM and EACCES: Windows, of a folder that is there.
    if (["ENOENT", "EEXIST", "ENOTEMPTY", "EPERM", "EACCES"].includes(error.code)) return false;
    throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
