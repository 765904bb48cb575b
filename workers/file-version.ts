import { fstatSync, statSync } from "node:fs";
import { FramepoolError } from "../src/errors.js";
import { fileIdentity } from "../src/protocol/file-identity.js";
import { nodePath } from "../src/protocol/file-path.js";
import type { SourceRef } from "../src/protocol/job-base.js";

/** A file by its path, or by a descriptor that its owner may have closed, and used for another file, meanwhile. */
export type NamedFile = Extract<SourceRef, { kind: "file" | "descriptor" }>;

/** Of what is there now; undefined without a file. */
function versionOf(file: NamedFile): string | undefined {
  try {
    if (file.kind === "file") return fileIdentity(statSync(nodePath(file.path), { bigint: true }));
    const now = fileIdentity(fstatSync(file.descriptor, { bigint: true }));
    // Another file: the worker's copy of the descriptor still reads the first one.
    return inodeOf(now) === inodeOf(file.identity) ? now : undefined;
  } catch {
    return undefined;
  }
}

function inodeOf(identity: string): string {
  return identity.split(":", 2).join(":");
}

function isReplaced(file: NamedFile, identity: string | null): boolean {
  const now = versionOf(file);
  // One that was removed is still whole for whoever has it open.
  return identity !== null && now !== undefined && now !== identity;
}

/**
 * Reads from a file that must be the one it was when it was opened, before and after: pictures of two files in one answer,
 * or errors about bytes that were written meanwhile, would mislead. Throws E_SOURCE_CHANGED.
 */
export function fromOneVersion<T>(file: NamedFile, identity: () => string | null, read: () => T): T {
  let result: T;
  try {
    result = read();
  } catch (error) {
    if (isReplaced(file, identity())) throw sourceChanged();
    throw error;
  }
  if (isReplaced(file, identity())) throw sourceChanged();
  return result;
}

export function sourceChanged(): FramepoolError {
  return new FramepoolError("E_SOURCE_CHANGED", "the file was replaced or changed after it was opened");
}
