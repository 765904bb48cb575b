import { fstat } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve, toNamespacedPath } from "node:path";
import { promisify } from "node:util";
import { FramepoolError } from "../errors.js";
import { fileIdentity } from "../protocol/file-identity.js";
import { type FilePath, nodePath } from "../protocol/file-path.js";
import type { SourceRef } from "../protocol/job-base.js";
import { urlOfPath } from "./file-url.js";

/** A source that any worker can read by itself. */
export interface LocalSource {
  readonly ref: SourceRef;
  /** Two sources with one key hold the same bytes. */
  readonly key: string;
  /** How a person would name it. */
  readonly label: string;
}

/** `identify`: also learn which version of a file it is. Throws E_NOT_FOUND and the like. */
export async function pathSource(given: FilePath, identify: boolean): Promise<LocalSource> {
  const label = typeof given === "string" ? given : urlOfPath(given);
  // Windows opens paths of more than 259 characters only in its own writing.
  const path = typeof given === "string" ? toNamespacedPath(resolve(given)) : given;
  const identity = identify
    ? fileIdentity(await caught(label, () => stat(nodePath(path), { bigint: true })))
    : undefined;
  const name = typeof path === "string" ? path : label;
  return { ref: { kind: "file", path, identity }, key: `${name}\0${identity ?? ""}`, label };
}

const statOf = promisify(fstat);

/** Read by the workers through copies of the descriptor: its position stays where it is. */
export async function descriptorSource(descriptor: number, label: string): Promise<LocalSource> {
  const identity = fileIdentity(await caught(label, () => statOf(descriptor, { bigint: true })));
  return { ref: { kind: "descriptor", descriptor, identity }, key: `handle:${identity}`, label };
}

async function caught<T>(label: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
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
export function memorySource(bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer): LocalSource {
  const view = sharedBytes(bytes);
  const length = view.byteLength;
  const label = `${String(length)} bytes in memory`;
  const key = `memory:${String(nextId++)}`;
  return { ref: { kind: "memory", buffer: view.buffer, offset: view.byteOffset, length }, key, label };
}

/** Bytes that every thread sees: shared memory as it is, a copy of any other. */
export function sharedBytes(bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer): Uint8Array<SharedArrayBuffer> {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  if (view.buffer instanceof SharedArrayBuffer) return view as Uint8Array<SharedArrayBuffer>;
  const shared = new Uint8Array(new SharedArrayBuffer(view.byteLength));
  shared.set(view);
  return shared;
}
