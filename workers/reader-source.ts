import { toNamespacedPath } from "node:path";
import type { NativeFile, NativeReaderBase, NativeSource } from "../native/addon.js";
import type { Envelope } from "../src/protocol/job.js";
import type { JobBase } from "../src/protocol/job-base.js";
import type { Learnt } from "../src/protocol/item-clips.js";
import { allowedCodecs, allowedFormats } from "../src/protocol/codecs.js";
import { fileIdentity } from "../src/protocol/file-identity.js";
import { beginReads, emptyInput, readFromChannel } from "./channel-reads.js";
import { sourceChanged } from "./file-version.js";
import { beginning } from "./setup.js";

/** The options of a job's opening as a native reader takes them: with the lists of what it may touch. */
export function nativeOptions<T extends { readonly codecs: readonly string[] }>(
  open: T,
): Omit<T, "codecs"> & { readonly formats: string; readonly codecs: string } {
  return { ...open, formats: allowedFormats, codecs: allowedCodecs(open.codecs) };
}

/** What a reader is opened with, for a job that begins now. */
export function nativeSource({ source, fetched }: JobBase, envelope: Envelope): NativeSource {
  switch (source.kind) {
    case "file":
      // Windows takes long paths in a form of its own only, into which Node puts those that it opens itself.
      return { path: typeof source.path === "string" ? toNamespacedPath(source.path) : source.path };
    case "descriptor":
      return { descriptor: source.descriptor };
    case "memory":
      return { bytes: new Uint8Array(source.buffer, source.offset, source.length) };
    case "channel":
      return { size: source.size, read: readFromChannel, ...beginReads(source, fetched ?? [], envelope) };
  }
}

/** A reader from an earlier job begins another. */
export function beginAgain(reader: NativeReaderBase, source: NativeSource, envelope: Envelope): void {
  reader.begin(...beginning(envelope));
  if ("read" in source) reader.supply(source);
}

/** A reader that is kept for later jobs keeps no bytes of this one. */
export function endJob(reader: NativeReaderBase, source: NativeSource): void {
  if ("read" in source) reader.supply(emptyInput());
}

/** Which version of a file the reader has open; null for what is no file. */
export function identityOf(reader: NativeFile): string | null {
  const numbers = reader.identity();
  return numbers === null ? null : fileIdentity(numbers);
}

/** The reader is of another version of the file than the job means. */
export function isOther(reader: NativeFile, source: JobBase["source"]): boolean {
  const expected = "identity" in source ? source.identity : undefined;
  return expected !== undefined && identityOf(reader) !== expected;
}

/** Closes a reader of another file than the job means, and throws E_SOURCE_CHANGED. */
export function expectIdentity(reader: NativeFile, { source }: JobBase): void {
  if (!isOther(reader, source)) return;
  reader.close();
  throw sourceChanged();
}

/** What the main thread does not know yet of a source that is kept open; `index` where that is news. */
export function learntOf(
  { readerKey, source }: JobBase,
  reader: NativeFile,
  index: SharedArrayBuffer | undefined,
): Learnt | undefined {
  const isIdentified = source.kind !== "file" || source.identity !== undefined;
  if (readerKey === undefined || (isIdentified && index === undefined)) return undefined;
  return { identity: identityOf(reader), index };
}
