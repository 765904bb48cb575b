import type { LocalChannel } from "./channel/local-channel.js";
import { FramepoolError, isInstance } from "../errors.js";
import { sourceError } from "../protocol/read-failure.js";
import type { JobChannel } from "../protocol/channel.js";
import type { IoThread } from "./io/io-thread.js";
import { unlessAborted } from "../async/abort.js";
import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";
import type { ByteBudget } from "../async/byte-budget.js";
import type { HeldRemote } from "./held-sources.js";
import { type OpeningHead, openingPieces } from "./opening-range.js";

/** How the bytes of a source reach the workers when these cannot read it by themselves. */
export interface RemoteLink {
  /** Where a worker asks for bytes that did not come with its job. */
  readonly channel: JobChannel;
  /** Fetches what a job will need before it takes a worker; undefined where this thread must not be waited for. */
  readonly fetch: ((ranges: readonly ByteRange[], signal: AbortSignal) => Promise<readonly SharedPiece[]>) | undefined;
  /** What such a job's bytes are taken from, in this order, until it has ended. */
  readonly budgets: readonly ByteBudget[];
  /** The same for what a worker opens the container with. */
  readonly fetchOpening: ((signal: AbortSignal, head?: OpeningHead) => Promise<readonly SharedPiece[]>) | undefined;
  /** All of a source that comes with its opening anyway, for a job that reads most of it; undefined for any other. */
  readonly fetchWhole: ((signal: AbortSignal) => Promise<readonly SharedPiece[]>) | undefined;
  /** Tells the other thread instead, which fetches while the job begins. */
  readonly expect: ((ranges: readonly ByteRange[]) => void) | undefined;
}

/** The same for an opened source on this thread. Errors are the library's, with the source's own as their cause. */
export function localLink(
  channel: LocalChannel,
  { remote, budget }: HeldRemote,
  facts: SourceFacts,
  ofAll: ByteBudget,
): RemoteLink {
  const fetch = (ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]> =>
    named(remote.label, signal, () => remote.share(ranges, signal));
  const tryFetch = (range: ByteRange, signal: AbortSignal): Promise<readonly SharedPiece[] | undefined> =>
    unlessBroken(fetch([range], signal));
  const { size, coming } = facts;
  return {
    channel,
    fetch,
    budgets: [budget, ofAll],
    fetchOpening: (signal, head) => openingPieces(facts, (range) => tryFetch(range, signal), head),
    fetchWhole:
      coming > 0 && coming >= size
        ? async (signal) => (await tryFetch({ position: 0, length: size }, signal)) ?? []
        : undefined,
    expect: undefined,
  };
}

/** A source in an I/O thread, which this one must not be waited for to reach. */
export function threadLink(thread: IoThread, id: number): RemoteLink {
  return {
    channel: thread,
    fetch: undefined,
    budgets: [],
    fetchOpening: undefined,
    fetchWhole: undefined,
    expect: (ranges) => thread.expect(id, ranges),
  };
}

/**
 * The opening bytes are a guess: where they cannot be read, the worker's own reads may do better, or fail with a better reason. A
 * source that does not answer is not waited for twice, and what the source is sure of stands.
 */
async function unlessBroken(fetching: Promise<readonly SharedPiece[]>): Promise<readonly SharedPiece[] | undefined> {
  try {
    return await fetching;
  } catch (error) {
    if (isInstance(error, FramepoolError) && error.code === "E_IO") return undefined;
    throw error;
  }
}

/** Rejects at once when the signal aborts, with its reason. */
export async function named<T>(label: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await unlessAborted(body(), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, label);
  }
}
