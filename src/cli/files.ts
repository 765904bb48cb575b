import { lstat, rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemReason } from "../errors.js";

/** What should be written cannot be: going on with the next file would not help. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** A file that we did not make, or not like this, has the name that one of ours should have. */
export class NameTakenError extends Error {
  override readonly name = "NameTakenError";
}

/** Names of files that are being written; one that is left over is from a process that was killed. */
export const temporaryName = /^\.framepool-.*\.part$/;

export function temporaryFor(path: string): string {
  return join(dirname(path), `.framepool-${basename(path)}.part`);
}

/** Writes a file that appears whole or not at all, replacing one that is there. */
export async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw cannotWrite(path, error);
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

export function cannotWrite(path: string, error: unknown): OutputError {
  return new OutputError(`${path}: cannot be written: ${systemReason(error)}`, { cause: error });
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
