import type { LocalChannel } from "../channel/local-channel.js";
import { FramepoolError } from "../errors.js";
import { sourceError } from "../channel/failure.js";
import type { JobChannel } from "../protocol/channel.js";
import { LinkedAbort } from "../pool/linked-abort.js";
import type { ByteRange, RemoteSource, SharedPiece, SourceFacts } from "../sources/byte-source.js";
import { openingPieces } from "../sources/opening-range.js";

/** How the bytes of a source reach the workers when these cannot read it by themselves. */
export interface RemoteLink {
  /** Where a worker asks for bytes that did not come with its job. */
  readonly channel: JobChannel;
  /** Fetches what a job will need before it takes a worker; undefined where this thread must not be waited for. */
  readonly fetch: ((ranges: readonly ByteRange[], signal: AbortSignal) => Promise<readonly SharedPiece[]>) | undefined;
  /** The same for what a worker opens the container with. */
  readonly fetchOpening: ((signal: AbortSignal) => Promise<readonly SharedPiece[]>) | undefined;
  /** Tells the other thread instead, which fetches while the job begins. */
  readonly expect: ((ranges: readonly ByteRange[]) => void) | undefined;
}

/** The same for an opened source on this thread. Errors are the library's, with the source's own as their cause. */
export function localLink(channel: LocalChannel, remote: RemoteSource, facts: SourceFacts): RemoteLink {
  const fetch = (ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]> =>
    named(remote.label, signal, () => remote.share(ranges, signal));
  return {
    channel,
    fetch,
    fetchOpening: (signal) => openingPieces(facts, (range) => unlessBroken(fetch([range], signal))),
    expect: undefined,
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
    if (error instanceof FramepoolError && error.code === "E_IO") return undefined;
    throw error;
  }
}

/** Rejects at once when the signal aborts, with its reason. */
export async function named<T>(label: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new LinkedAbort(signal);
  try {
    return await new Promise<T>((resolve, reject) => {
      aborted.signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      body().then(resolve, reject);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw sourceError(error, label);
  } finally {
    aborted.unlink();
  }
}
