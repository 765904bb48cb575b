import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FramepoolError, FramepoolTypeError, argumentError } from "../errors.js";
import type { SourceRef } from "../protocol/job.js";

/** A path, a `file:` URL, or the bytes themselves. */
export type MediaSource = string | URL | Uint8Array | ArrayBuffer | SharedArrayBuffer;

/** A source, ready to be handed to any worker. */
export interface ResolvedSource {
  readonly ref: SourceRef;
  /** Two sources with one key hold the same bytes. */
  readonly key: string;
  /** How a person would name it. */
  readonly label: string;
}

/** Checks what can be checked without looking: throws FramepoolTypeError. */
export function checkSource(source: unknown): asserts source is MediaSource {
  if (typeof source === "string") {
    if (source.length === 0) throw argumentError("source", "a path that is not empty", source);
    if (source.includes("\0")) throw argumentError("source", "a path without null bytes", source);
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source) && !source.startsWith("file://")) {
      throw new FramepoolTypeError(`Expected a path, a file: URL or bytes for source, received the address ${source}`);
    }
    return;
  }
  if (source instanceof URL) {
    if (source.protocol !== "file:") throw argumentError("source", "a file: URL", source.href);
    return;
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer || source instanceof SharedArrayBuffer) return;
  throw argumentError("source", "a path, a file: URL, a Uint8Array, an ArrayBuffer or a SharedArrayBuffer", source);
}

/** `identify`: also learn which version of a file it is. Throws E_NOT_FOUND and the like. */
export async function resolveSource(source: MediaSource, identify: boolean): Promise<ResolvedSource> {
  if (typeof source !== "string" && !(source instanceof URL)) return memorySource(source);
  const path = resolve(source instanceof URL || source.startsWith("file://") ? fileURLToPath(source) : source);
  const label = typeof source === "string" ? source : path;
  const identity = identify ? await fileIdentity(path, label) : undefined;
  return { ref: { kind: "file", path, identity }, key: `${path}\0${identity ?? ""}`, label };
}

/** As native/binding says it: device:inode:size:mtime in nanoseconds. */
async function fileIdentity(path: string, label: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(":");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const details = { source: label, cause: error };
    if (code === "ENOENT" || code === "ENOTDIR") throw new FramepoolError("E_NOT_FOUND", "no such file", details);
    if (code === "EACCES" || code === "EPERM") throw new FramepoolError("E_ACCESS", "not allowed to read it", details);
    throw new FramepoolError("E_IO", `cannot open it: ${code ?? String(error)}`, details);
  }
}

let nextId = 1;

/**
 * Shared memory is used as it is; other bytes are copied once, since no worker could see them, and may change later. Each
 * opening is a source of its own: what lies in the same memory next time may be another video.
 */
function memorySource(bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer): ResolvedSource {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const length = view.byteLength;
  const label = `${String(length)} bytes in memory`;
  if (view.buffer instanceof SharedArrayBuffer) {
    const ref: SourceRef = { kind: "memory", buffer: view.buffer, offset: view.byteOffset, length };
    return { ref, key: `memory:${String(nextId++)}`, label };
  }
  const buffer = new SharedArrayBuffer(length);
  new Uint8Array(buffer).set(view);
  return { ref: { kind: "memory", buffer, offset: 0, length }, key: `memory:${String(nextId++)}`, label };
}
