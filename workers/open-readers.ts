import type { NativeReaderBase, NativeSource } from "../native/addon.js";
import type { Envelope } from "../src/protocol/job.js";
import { type OpenBytes, ReaderCache } from "./reader-cache.js";
import type { JobBase } from "../src/protocol/job-base.js";
import { beginAgain, endJob, expectIdentity, isOther, nativeSource } from "./reader-source.js";
import { setup } from "./setup.js";

interface OpenReader {
  readonly reader: NativeReaderBase;
}

/** Of pictures and of sound. */
const openBytes: OpenBytes = { bytes: 0 };

/** How readers of one kind, for `J` jobs, are opened, and what they are held with. */
interface ReaderKind<E extends OpenReader, J extends JobBase> {
  /** About what an open reader takes. */
  bytesOf(entry: E): number;
  open(job: J, source: NativeSource, envelope: Envelope): E;
}

/** This worker's readers of one kind: a job finds its own still open, or opens it. */
export class OpenReaders<E extends OpenReader, J extends JobBase> {
  readonly #kind: ReaderKind<E, J>;
  readonly #cache: ReaderCache<E>;

  constructor(kind: ReaderKind<E, J>) {
    this.#kind = kind;
    this.#cache = new ReaderCache((entry) => kind.bytesOf(entry), openBytes, setup.cache);
  }

  /** Does a job with its reader; `useReader` is told which one it is, for its log. */
  with<T>(job: J, envelope: Envelope, useReader: (reader: E["reader"]) => void, body: (entry: E) => T): T {
    const { readerKey } = job;
    const cached = readerKey === undefined ? undefined : this.#cached(readerKey, job);
    const source = nativeSource(job, envelope);
    if (cached !== undefined) beginAgain(cached.reader, source, envelope);
    const entry = cached ?? this.#open(job, source, envelope);
    useReader(entry.reader);
    if (cached === undefined && readerKey !== undefined) this.#cache.add(readerKey, entry);
    try {
      return body(entry);
    } finally {
      if (readerKey === undefined) entry.reader.close();
      else endJob(entry.reader, source);
    }
  }

  drop(readerKey: string): void {
    this.#cache.drop(readerKey);
  }

  /** One of another version of the file than the job means is of no use. */
  #cached(readerKey: string, { source }: J): E | undefined {
    const entry = this.#cache.get(readerKey);
    if (entry === undefined || !isOther(entry.reader, source)) return entry;
    this.#cache.drop(readerKey);
    return undefined;
  }

  #open(job: J, source: NativeSource, envelope: Envelope): E {
    const entry = this.#kind.open(job, source, envelope);
    expectIdentity(entry.reader, job);
    return entry;
  }
}
