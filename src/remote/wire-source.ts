import { fileURLToPath } from "node:url";
import type { MediaSource } from "../sources/media-source.js";
import type { WireSource } from "./service.js";

/** Bytes that only this thread can see are copied once, here: sending them would copy them in both threads. */
export function wireSource(source: MediaSource): WireSource {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "file:" ? fileURLToPath(source) : source.href;
  const view = source instanceof Uint8Array ? source : new Uint8Array(source);
  if (view.buffer instanceof SharedArrayBuffer) return view as Uint8Array<SharedArrayBuffer>;
  const shared = new Uint8Array(new SharedArrayBuffer(view.byteLength));
  shared.set(view);
  return shared;
}
