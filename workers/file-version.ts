import { statSync } from "node:fs";
import { FramepoolError } from "../src/errors.js";

/** device:inode:size:mtime in nanoseconds of what a path names now, as native/binding says it; undefined without a file. */
function versionOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(":");
  } catch {
    return undefined;
  }
}

function isReplaced(path: string, identity: string | null): boolean {
  const now = versionOf(path);
  // One that was removed is still whole for whoever has it open.
  return identity !== null && now !== undefined && now !== identity;
}

/**
 * Reads from a file that must be the one it was when it was opened, before and after: pictures of two files in one answer,
 * or errors about bytes that were written meanwhile, would mislead. Throws E_SOURCE_CHANGED.
 */
export function fromOneVersion<T>(path: string, identity: () => string | null, read: () => T): T {
  let result: T;
  try {
    result = read();
  } catch (error) {
    if (isReplaced(path, identity())) throw sourceChanged();
    throw error;
  }
  if (isReplaced(path, identity())) throw sourceChanged();
  return result;
}

export function sourceChanged(): FramepoolError {
  return new FramepoolError("E_SOURCE_CHANGED", "the file was replaced or changed after it was opened");
}
