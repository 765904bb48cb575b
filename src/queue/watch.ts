import { type QueueOptions, openQueue } from "./connection.js";
import type { ShardQueue } from "./ended.js";
import { type QueuedShard, shardsOf, usualShards } from "./shards.js";
import { type QueueStatus, StatusReader } from "./status.js";

/**
 * A queue that is looked at again and again, over one connection: each look reads what ended since the one before, and the newest shards,
 * however many are done.
 */
export class QueueWatch {
  readonly #bull: ShardQueue;
  readonly #status: StatusReader;

  private constructor(bull: ShardQueue) {
    this.#bull = bull;
    this.#status = new StatusReader(bull);
  }

  /** Rejects with FramepoolTypeError and E_ADDON. */
  static async open(queue: QueueOptions): Promise<QueueWatch> {
    return new QueueWatch(await openQueue(queue));
  }

  /** As `queueStatus`. */
  async status(): Promise<QueueStatus> {
    return await this.#status.read();
  }

  /** As `queuedShards`, 50 of each at most. */
  async shards(): Promise<QueuedShard[]> {
    return await shardsOf(this.#bull, usualShards);
  }

  /** Closes its connection. */
  async close(): Promise<void> {
    await this.#bull.close();
  }
}
