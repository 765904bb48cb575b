import { fileURLToPath } from "node:url";
import { argumentError } from "../errors.js";
import type { MediaSource } from "../sources/media-source.js";
import type { WireSource } from "./service.js";

/** Throws a FramepoolTypeError for a source that only this thread can read. */
export function wireSource(source: MediaSource): WireSource {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "file:" ? fileURLToPath(source) : source.href;
  if (source instanceof Uint8Array) return inSharedMemory(source);
  if (source instanceof ArrayBuffer || source instanceof SharedArrayBuffer) {
    return inSharedMemory(new Uint8Array(source));
  }
  throw argumentError("source", "a path, a URL or bytes, on a connected pool", source);
}

/** Bytes that only this thread can see are copied once, here: sending them would copy them in both threads. */
function inSharedMemory(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes as Uint8Array<SharedArrayBuffer>;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}
