import type { FileHandle } from "node:fs/promises";
import { linkedTo } from "../async/abort.js";
import type { SourceRef } from "../protocol/job-base.js";
import { type LocalSource, descriptorSource, memorySource, pathSource } from "../sources/local.js";
import { RemoteHttpSource } from "../sources/http/http-source.js";
import type { KnownSource } from "../sources/media-source.js";
import { spool, timely } from "../sources/spool.js";
import type { ThreadModule } from "../sources/worker-source.js";
import { type RemoteLink, localLink, named, threadLink } from "./source-link.js";
import { type RemoteKind, acquireRemote } from "./held-sources.js";
import type { Feed } from "./feed.js";

/** A source, ready for jobs in any worker, until it is released. */
export interface OpenSource extends LocalSource {
  /** undefined: workers read it by themselves. */
  readonly link: RemoteLink | undefined;
  /** The key names bytes, not only this object: what was learnt of them holds at the next opening. */
  readonly lasting: boolean;
  /** To be called once no worker reads it any more; idempotent. Closes what the library opened. */
  release(): Promise<void>;
}

interface OpenSourceOptions {
  /** Also learn which version of a file it is. */
  readonly identify: boolean;
  readonly readTimeoutMs: number;
}

/**
 * `use` takes the source over; it is released when that fails. `use`'s signal also ends when the pool is closed, with
 * E_CLOSED, where this thread has a part in reading: what workers do by themselves the pool ends itself.
 */
export async function withSource<T>(
  feed: Feed,
  source: KnownSource,
  options: OpenSourceOptions,
  signal: AbortSignal | undefined,
  use: (source: OpenSource, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (isLocal(source)) {
    signal?.throwIfAborted();
    return await use(await openLocal(source, options), signal ?? feed.closing);
  }
  return await linkedTo([feed.closing, signal], async (linked) => {
    linked.throwIfAborted();
    const opened = releasedOnce(await openSource(feed, source, options, linked));
    try {
      return await use(opened, linked);
    } catch (error) {
      opened.release().catch(() => undefined);
      throw error;
    }
  });
}

/** Who uses a source may have let go of it by the time that something else fails. */
function releasedOnce(source: OpenSource): OpenSource {
  let released: Promise<void> | undefined;
  return { ...source, release: () => (released ??= source.release()) };
}

type LocalKind = Extract<KnownSource, { kind: "path" | "memory" | "descriptor" }>;

function isLocal(source: KnownSource): source is LocalKind {
  const { kind } = source;
  return kind === "path" || kind === "memory" || kind === "descriptor";
}

async function openLocal(known: LocalKind, { identify }: OpenSourceOptions): Promise<OpenSource> {
  switch (known.kind) {
    case "path":
      return local(await pathSource(known.source, identify), true);
    case "memory":
      return local(memorySource(known.source), false);
    case "descriptor":
      return local(await descriptorSource(known.source, "an open file"), true);
  }
}

async function openSource(
  feed: Feed,
  known: Exclude<KnownSource, LocalKind>,
  options: OpenSourceOptions,
  signal: AbortSignal,
): Promise<OpenSource> {
  switch (known.kind) {
    case "pieces": {
      const pieces = timely(known.source, options.readTimeoutMs, signal);
      const { maxSpoolBytes, spoolFolder } = feed.settings;
      const file = await named("a stream", signal, () => spool(pieces, maxSpoolBytes, spoolFolder));
      return await openSpooled(feed, file);
    }
    case "worker":
      return await openInThread(feed, known.source, options.readTimeoutMs, signal);
    case "address": {
      const { readTimeoutMs } = options;
      const source = new RemoteHttpSource(known.source, { readTimeoutMs, ...feed.settings });
      return await openRemote(feed, { kind: "remote", source }, readTimeoutMs, signal);
    }
    default:
      return await openRemote(feed, known, options.readTimeoutMs, signal);
  }
}

function local(source: LocalSource, lasting: boolean): OpenSource {
  return { ...source, link: undefined, lasting, release: async () => undefined };
}

async function openSpooled({ spooled }: Feed, file: FileHandle): Promise<OpenSource> {
  spooled.add(file);
  const release = async (): Promise<void> => {
    if (spooled.delete(file)) await file.close();
  };
  try {
    return { ...local(await descriptorSource(file.fd, "a stream"), false), release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** A worker waits for a thread that answers nothing at all this many times as long as for one read. */
const patience = 10;

async function openRemote(
  { remotes, fetched }: Feed,
  known: RemoteKind,
  readTimeoutMs: number,
  signal: AbortSignal,
): Promise<OpenSource> {
  const held = acquireRemote(remotes, known, readTimeoutMs);
  const { remote, id } = held;
  try {
    const facts = await named(remote.label, signal, () => remote.open(signal));
    const { size, key } = facts;
    const ref: SourceRef = { kind: "channel", id, size, patienceMs: patience * readTimeoutMs };
    return {
      ref,
      key: key === undefined ? `object:${String(id)}` : `source:${key}`,
      label: remote.label,
      link: localLink(remotes.registry, held, facts, fetched),
      lasting: key !== undefined,
      release: () => remotes.release(held),
    };
  } catch (error) {
    await remotes.release(held);
    throw error;
  }
}

async function openInThread(
  { ioThreads, settings }: Feed,
  { moduleUrl, argument }: ThreadModule,
  readTimeoutMs: number,
  signal: AbortSignal,
): Promise<OpenSource> {
  const thread = ioThreads.of(moduleUrl);
  const opening = thread.open(argument, { readTimeoutMs, ...settings }, signal);
  const { id, size, key, label } = await named(moduleUrl, signal, () => opening);
  return {
    ref: { kind: "channel", id, size, patienceMs: patience * readTimeoutMs },
    key: key === undefined ? `${moduleUrl}\0${String(ioThreads.nextName())}` : `source:${key}`,
    label,
    link: threadLink(thread, id),
    lasting: key !== undefined,
    release: async () => thread.close(id),
  };
}
