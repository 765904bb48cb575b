// One process at a time at something in the file system, told apart by a lock file; a second one waits for the first.
import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./commands.mjs";

/** Holds `file` while `work` runs. A lock whose process is gone, or that is older than `expiresMs`, counts as left behind. */
export async function withLock(file, { waitingFor, expiresMs }, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 0; !takeLock(file, expiresMs); attempt++) {
    if (attempt === 0) say(`waiting for ${waitingFor}`);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The lock is a symbolic link to a process id: made and filled in one step. */
function takeLock(file, expiresMs) {
  try {
    symlinkSync(String(process.pid), file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isHeld(file, expiresMs)) rmSync(file, { force: true });
  return false;
}

function isHeld(file, expiresMs) {
  try {
    if (Date.now() - lstatSync(file).mtimeMs > expiresMs) return false;
    process.kill(Number(readlinkSync(file)), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
