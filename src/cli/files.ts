// With calls that wait, as all that the command writes itself: each takes some ten microseconds, and one that goes to libuv's threads and
// back through a promise ten times that of this thread.
import { lstatSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemReason } from "../errors.js";
import { nameOfOwn } from "../running-process.js";

/** What should be written cannot be: going on with the next file would not help. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** A file that we did not make, or not like this, has the name that one of ours should have. */
export class NameTakenError extends Error {
  override readonly name = "NameTakenError";
}

/** Names of files that are being written. */
export const temporaryName = /^\.framepool-(?<owner>.*)\.part$/;

/** Beside it, and no other process's: two may write the same file at the same time. */
export function temporaryFor(path: string): string {
  return join(dirname(path), `.framepool-${nameOfOwn()}.part`);
}

/** Writes a file that appears whole or not at all, replacing one that is there. */
export function writeWhole(path: string, data: Uint8Array | string): void {
  const temporary = temporaryFor(path);
  try {
    writeFileSync(temporary, data);
    renameSync(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw cannotWrite(path, error);
  }
}

export function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Where there is one. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It stays, and whoever comes next finds it.
  }
}

/** Where there is one with nothing in it. */
export function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody has put something there.
  }
}

/** What already says so, says it of the very file. */
export function cannotWrite(path: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  return new OutputError(`${path}: cannot be written: ${systemReason(error)}`, { cause: error });
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
