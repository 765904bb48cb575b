import type { NativeReaderBase, NativeSource } from "../native/addon.js";
import type { Envelope, JobBase } from "../src/protocol/job.js";
import { beginReads, emptyInput, readFromChannel } from "./channel-reads.js";
import { sourceChanged } from "./file-version.js";
import { setup } from "./setup.js";

/** What every job says of its source, whatever it opens there. */
export type SourceJob = Omit<JobBase, "open">;

/** What a reader is opened with, for a job that begins now. */
export function nativeSource({ source, fetched }: SourceJob, envelope: Envelope): NativeSource {
  switch (source.kind) {
    case "file":
      return { path: source.path };
    case "descriptor":
      return { descriptor: source.descriptor };
    case "memory":
      return { bytes: new Uint8Array(source.buffer, source.offset, source.length) };
    case "channel":
      return { size: source.size, read: readFromChannel, ...beginReads(source, fetched ?? [], envelope) };
  }
}

/** A reader from an earlier job begins another. */
export function beginAgain(reader: NativeReaderBase, source: NativeSource, { slot, ticket, keepLog }: Envelope): void {
  reader.begin(setup.cancelled, slot, ticket, keepLog);
  if ("read" in source) reader.supply(source);
}

/** A reader that is kept for later jobs keeps no bytes of this one. */
export function endJob(reader: NativeReaderBase, source: NativeSource): void {
  if ("read" in source) reader.supply(emptyInput());
}

/** Closes a reader of another file than the job means, and throws E_SOURCE_CHANGED. */
export function expectIdentity(reader: NativeReaderBase, { source }: SourceJob): void {
  const expected = "identity" in source ? source.identity : undefined;
  if (expected === undefined || reader.identity() === expected) return;
  reader.close();
  throw sourceChanged();
}
