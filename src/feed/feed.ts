import type { FileHandle } from "node:fs/promises";
import type { IoSettings } from "../protocol/io-thread.js";
import { ByteBudget } from "../async/byte-budget.js";
import { LocalChannel } from "./channel/local-channel.js";
import { Remotes, mostFetched } from "./held-sources.js";
import { IoThreads } from "./io/io-threads.js";

type FeedSettings = Omit<IoSettings, "readTimeoutMs">;

/** What the sources of one pool share on their way to the workers. */
export class Feed {
  readonly settings: FeedSettings;
  readonly remotes = new Remotes(() => new LocalChannel());
  readonly ioThreads = new IoThreads();
  /** Copies of what came in pieces that are in use. */
  readonly spooled = new Set<FileHandle>();
  /** Bytes that are fetched for jobs which have not ended: enough when as many sources stall as there are workers. */
  readonly fetched: ByteBudget;
  /** Aborts with E_CLOSED when the pool is closed. */
  readonly closing: AbortSignal;

  constructor(workers: number, settings: FeedSettings, closing: AbortSignal) {
    this.settings = settings;
    this.fetched = new ByteBudget((workers + 1) * mostFetched);
    this.closing = closing;
  }

  /** Once no worker reads any more. */
  async close(): Promise<void> {
    await Promise.all([this.remotes.close(), this.ioThreads.close()]);
    await Promise.all([...this.spooled].map((file) => file.close()));
    this.spooled.clear();
  }
}
