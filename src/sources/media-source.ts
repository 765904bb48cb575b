import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { argumentError } from "../errors.js";
import type { RangeSource, SliceSource } from "./byte-shapes.js";
import type { ByteSource, RemoteSource } from "./byte-source.js";
import type { FilePath } from "../protocol/file-path.js";
import type { FileLike } from "./file-like.js";
import { pathOfUrl } from "./file-url.js";
import { type HttpSource, RemoteHttpSource } from "./http/http-source.js";
import { type ThreadModule, WorkerSource } from "./worker-source.js";

/**
 * Where a video comes from: a path or a `file:` URL (whose escapes may be any bytes, for names that are not UTF-8); an address (`http:`, `https:`; `httpSource` with options); its bytes; or something that can be asked for them: a `ByteSource`, a
 * `FileLike`, a `Blob` (`fs.openAsBlob`), an open `FileHandle`, a source in a thread of its own (`workerSource`), and what has
 * the shape `{ byteLength, slice }` or `{ getSize, read(start, end) }`. A stream is first copied to a temporary file.
 * What the caller opened stays the caller's to close.
 */
export type MediaSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  | OpenFile
  | FileLike
  | ByteSource
  | SliceSource
  | RangeSource
  | HttpSource
  | WorkerSource
  | NodeStream
  | ReadableStream<Uint8Array>;

/** An open `FileHandle`, by what tells it apart: its own `read` would hide the parameters of a source written in place. */
export interface OpenFile {
  /** Its descriptor. */
  readonly fd: number;
  /** What the file is, by `node:fs`. */
  stat(): Promise<unknown>;
  /** Never called: the file stays yours. */
  close(): Promise<void>;
}

/** A Node stream of bytes, by what tells it apart. */
export interface NodeStream extends AsyncIterable<unknown> {
  /** What tells a stream of Node apart. */
  pipe(destination: never): unknown;
}

/** How a file is opened, whichever of its streams are decoded. */
export interface OpenOptions {
  /**
   * How long one read of a source that is not a file of this machine may take, in milliseconds; then E_TIMEOUT. Default
   * 30000. `httpSource` has its own.
   */
  readonly readTimeoutMs?: number | undefined;
  /** Cancels the opening only; what is called on what was opened takes its own. */
  readonly signal?: AbortSignal | undefined;
}

/** A source, told apart. */
export type KnownSource =
  | { readonly kind: "path"; readonly source: FilePath }
  | { readonly kind: "address"; readonly source: string | URL }
  | { readonly kind: "http"; readonly source: RemoteHttpSource }
  | { readonly kind: "memory"; readonly source: Uint8Array | ArrayBuffer | SharedArrayBuffer }
  /** Somebody else's open file. */
  | { readonly kind: "descriptor"; readonly source: number }
  /** Yields bytes, or anything, which is an error. */
  | { readonly kind: "pieces"; readonly source: AsyncIterable<unknown> }
  | { readonly kind: "worker"; readonly source: ThreadModule }
  /** The library's own: closed with its last user. */
  | { readonly kind: "remote"; readonly source: RemoteSource }
  | { readonly kind: "fileLike"; readonly source: FileLike }
  | { readonly kind: "blob"; readonly source: Blob }
  | { readonly kind: "bytes"; readonly source: ByteSource }
  | { readonly kind: "slices"; readonly source: SliceSource }
  | { readonly kind: "ranges"; readonly source: RangeSource };

/** Checks what can be checked without looking: throws FramepoolTypeError. */
export function checkSource(source: unknown): asserts source is MediaSource {
  knownSource(source);
}

/** Throws FramepoolTypeError for what is no source. */
export function knownSource(source: unknown): KnownSource {
  if (typeof source === "string") {
    if (source.length === 0) throw argumentError("source", "a path that is not empty", source);
    if (source.includes("\0")) throw argumentError("source", "a path without null bytes", source);
    if (/^https?:\/\//i.test(source)) return address(source);
    if (/^file:\/\//i.test(source)) return fileAddress(source);
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
      throw argumentError("source", "a path, or a file:, http: or https: URL", source);
    }
    return { kind: "path", source };
  }
  if (source instanceof URL) {
    if (/^https?:$/.test(source.protocol)) return { kind: "address", source };
    if (source.protocol !== "file:") throw argumentError("source", "a file:, http: or https: URL", source.href);
    return fileAddress(source);
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer || source instanceof SharedArrayBuffer) {
    return { kind: "memory", source };
  }
  if (source instanceof RemoteHttpSource) return { kind: "http", source };
  if (source instanceof WorkerSource) return { kind: "worker", source };
  // They have the shape of a SliceSource, and hold anything but bytes.
  if (ArrayBuffer.isView(source)) throw argumentError("source", "bytes as a Uint8Array", source);
  return knownShape(source);
}

function fileAddress(source: string | URL): KnownSource {
  try {
    return { kind: "path", source: pathOfUrl(source) };
  } catch {
    // Of another machine, with an encoded slash, or, on Windows, without a drive.
    throw argumentError("source", "a file: URL that names a file of this machine", String(source));
  }
}

function address(text: string): KnownSource {
  if (!URL.canParse(text)) throw argumentError("source", "a valid URL", text);
  return { kind: "address", source: new URL(text) };
}

/** By shape: classes of the same name come from other realms and packages. `seek` goes first: a file-like has `read` too. */
function knownShape(source: unknown): KnownSource {
  if (has<FileLike>(source, ["read", "seek"])) return { kind: "fileLike", source };
  if (has<Blob>(source, ["arrayBuffer", "slice"])) return { kind: "blob", source };
  if (has<FileHandle>(source, ["read", "stat", "close"]) && typeof source.fd === "number") {
    return { kind: "descriptor", source: source.fd };
  }
  if (has<Readable>(source, ["read", "pipe", Symbol.asyncIterator])) return { kind: "pieces", source };
  if (has<ReadableStream<Uint8Array>>(source, ["getReader", Symbol.asyncIterator])) return { kind: "pieces", source };
  if (has<RangeSource>(source, ["getSize", "read"])) return { kind: "ranges", source };
  if (has<ByteSource>(source, ["read"]) && "size" in source) {
    checkSize("source.size", source.size);
    checkText("source.key", source.key);
    checkText("source.etag", source.etag);
    return { kind: "bytes", source };
  }
  if (has<SliceSource>(source, ["slice"]) && "byteLength" in source) {
    checkSize("source.byteLength", source.byteLength);
    return { kind: "slices", source };
  }
  const expected =
    "a path, a file: URL, bytes, a Blob, a FileHandle, a stream, or an object with { size, read } or { read, seek }";
  throw argumentError("source", expected, source);
}

function has<T extends object>(value: unknown, methods: readonly (keyof T)[]): value is T {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((method) => typeof (value as T)[method] === "function");
}

function checkText(name: string, text: unknown): void {
  if (text !== undefined && typeof text !== "string") throw argumentError(name, "a string", text);
}

function checkSize(name: string, size: unknown): void {
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw argumentError(name, "a whole number of bytes", size);
}
