import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { isLeftBehind, nameOfOwn } from "../running-process.js";
import { cannotWrite, hasCode, OutputError, removeEmptyFolder, removeFile, temporaryFor } from "./files.js";

const refreshMs = 10_000;
const staleMs = 60_000;
const mostAttempts = 3;

/**
 * Holds `path` until the returned function is called: two processes that wrote to one folder would undo each other's work. It is a folder
 * with one file, whose name is never given twice and tells whose it is. Both appear by one renaming, which fails where there is one.
 * What was left behind is taken by renaming the very file that was looked at: of all who looked at it one succeeds. Throws OutputError.
 */
export function lock(path: string): () => void {
  const own = nameOfOwn();
  take(path, own);
  const file = join(path, own);
  // Where it is not ours any more, since this process slept for longer than it may, nothing happens.
  const refresh = setInterval(
    () => void utimes(file, new Date(), new Date()).catch(() => undefined),
    refreshMs,
  ).unref();
  return () => {
    clearInterval(refresh);
    removeFile(file);
    removeEmptyFolder(path);
  };
}

function take(path: string, own: string): void {
  for (let attempts = 1; ; attempts++) {
    try {
      create(path, own);
      return;
    } catch (error) {
      if (takeOver(path, own)) return;
      if (attempts === mostAttempts) throw cannotWrite(path, error);
    }
  }
}

function create(path: string, own: string): void {
  const aside = temporaryFor(path);
  try {
    mkdirSync(aside);
    writeFileSync(join(aside, own), "");
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
}

/** False where there is nothing to take: it was given back, or somebody was faster. Throws OutputError where somebody holds it. */
function takeOver(path: string, own: string): boolean {
  try {
    const [held] = readdirSync(path);
    if (held === undefined) {
      // Where an empty folder is replaced (not on Windows) this is not needed.
      rmdirSync(path);
      return false;
    }
    const file = join(path, held);
    if (!isLeftBehind(held) && Date.now() - statSync(file).mtimeMs <= staleMs) {
      throw new OutputError(`${path}: another framepool is writing to this folder`);
    }
    // First: it must not look old for a moment when it is ours.
    utimesSync(file, new Date(), new Date());
    renameSync(file, join(path, own));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTEMPTY")) return false;
    throw cannotWrite(path, error);
  }
}
