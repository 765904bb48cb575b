import { FramepoolError } from "../errors.js";
import type { OpenSource } from "../feed/open-source.js";
import { sha256 } from "./sha256.js";

/** Which bytes an index is of: how many, and what tells their version where anything does ("mtime:...", "etag:..."). */
export interface FileFacts {
  readonly size: number;
  readonly version: string | undefined;
}

/** What makes a saved index one of this file. */
export function factsOf({ ref, key, lasting }: Pick<OpenSource, "ref" | "key" | "lasting">): FileFacts {
  switch (ref.kind) {
    case "memory":
      return { size: ref.length, version: undefined };
    case "channel": {
      const [name = "", etag = ""] = key.split("\0");
      return { size: ref.size, version: lasting ? (etag === "" ? `key:${name}` : `etag:${etag}`) : undefined };
    }
    case "file":
    case "descriptor": {
      const [, , size, mtime = ""] = (ref.identity ?? "").split(":");
      return { size: Number(size), version: lasting ? `mtime:${mtime}` : undefined };
    }
  }
}

/*
 * "FPIX", a byte for the version of what follows, the version of the file (its length in two bytes, little endian, then UTF-8), the
 * file's size in 8 bytes, what the worker made of the index (native/av/saved_index.cc), and 16 bytes of SHA-256 over all of it.
 */
const magic = [0x46, 0x50, 0x49, 0x58];
const layoutVersion = 1;
const headBytes = magic.length + 1 + 2;
const sizeBytes = 8;
const checksumBytes = 16;

export function wrapIndex(body: Uint8Array, { size, version }: FileFacts): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(version ?? "");
  const rest = headBytes + name.length;
  const bytes = new Uint8Array(rest + sizeBytes + body.length + checksumBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint8(magic.length, layoutVersion);
  view.setUint16(magic.length + 1, name.length, true);
  bytes.set(name, headBytes);
  view.setBigUint64(rest, BigInt(size), true);
  bytes.set(body, rest + sizeBytes);
  const end = bytes.length - checksumBytes;
  bytes.set(checksumOf(bytes.subarray(0, end)), end);
  return bytes;
}

/** What the worker made, out of any bytes. Throws E_INDEX for what is no whole index of the file. */
export function unwrapIndex(bytes: Uint8Array, facts: FileFacts, source: string): Uint8Array {
  const refuse = (reason: string): FramepoolError => new FramepoolError("E_INDEX", reason, { source });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!magic.every((byte, i) => bytes[i] === byte)) throw refuse("the bytes handed over are no saved index");
  if (bytes[magic.length] !== layoutVersion) throw refuse("the saved index is of another version of framepool");
  const end = bytes.length - checksumBytes;
  const rest = headBytes + (end >= headBytes ? view.getUint16(magic.length + 1, true) : 0);
  const isWhole = rest + sizeBytes <= end && checksumOf(bytes.subarray(0, end)).equals(bytes.subarray(end));
  if (!isWhole) throw refuse("the saved index is damaged");
  if (view.getBigUint64(rest, true) !== BigInt(facts.size)) {
    throw refuse("the saved index does not fit: it is of a file of another size");
  }
  const version = new TextDecoder().decode(bytes.subarray(headBytes, rest));
  if (isOther(version, facts.version)) {
    throw refuse(`the saved index does not fit: it is of another version of the file (${version})`);
  }
  return bytes.subarray(rest + sizeBytes, end);
}

/** A modification time and an etag say nothing of each other: what was saved beside the file may be of use over HTTP. */
function isOther(saved: string, now: string | undefined): boolean {
  const kindOf = (version: string): string => version.slice(0, version.indexOf(":"));
  return saved !== "" && now !== undefined && kindOf(saved) === kindOf(now) && saved !== now;
}

function checksumOf(bytes: Uint8Array): Buffer {
  return sha256(bytes).subarray(0, checksumBytes);
}
