import { type QueueOptions, waiting, withQueue } from "./connection.js";
import { Ended, type ShardQueue } from "./ended.js";
import { parted } from "./work.js";

/** How a queue stands. */
export interface QueueStatus {
  /** In shards. */
  readonly waiting: number;
  /** Being made. */
  readonly active: number;
  /** Made, or found made. */
  readonly done: number;
  /** Given up; `retryFailed` puts them back. */
  readonly failed: number;
  /** In the shards that are done. */
  readonly samples: number;
  /** Inputs and frames that could not be read, in shards that are done, and shards given up: by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Shards a second over the last minutes; 0 before the first is done. */
  readonly rate: number;
  /** Until everything is done at that rate; undefined where nothing was done lately. */
  readonly secondsLeft: number | undefined;
}

/** What the rate is taken over. */
const latelyMs = 5 * 60_000;

/** Throws FramepoolTypeError, E_ADDON, and what the server answers. */
export async function queueStatus(queue: QueueOptions): Promise<QueueStatus> {
  return await withQueue(queue, async (bull) => new StatusReader(bull).read());
}

type Failures = Record<string, number>;

/** How a queue stands, asked again and again. */
export class StatusReader {
  readonly #bull: ShardQueue;
  readonly #done: Ended;
  readonly #failed: Ended;
  #samples = 0;
  #ends: number[] = [];
  #failures: Failures = {};
  #givenUp: Failures = {};
  #reading: Promise<QueueStatus> | undefined;

  constructor(bull: ShardQueue) {
    this.#bull = bull;
    this.#done = new Ended(bull, "completed", {
      count: ({ returnvalue: { samples, failures }, finishedOn }) => {
        this.#samples += samples;
        for (const [code, more] of Object.entries(failures)) add(this.#failures, code, more);
        if (finishedOn !== undefined) this.#ends.push(finishedOn);
      },
      forget: () => {
        this.#samples = 0;
        this.#ends = [];
        this.#failures = {};
      },
    });
    this.#failed = new Ended(bull, "failed", {
      count: ({ failedReason }) => add(this.#givenUp, parted(failedReason).code, 1),
      forget: () => (this.#givenUp = {}),
    });
  }

  /** Who asks while somebody else does gets the same answer. */
  async read(): Promise<QueueStatus> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return await this.#reading;
  }

  async #read(): Promise<QueueStatus> {
    await Promise.all([this.#done.read(), this.#failed.read()]);
    const counts = await this.#bull.getJobCounts("active", ...waiting, "completed", "failed");
    const count = (...states: readonly string[]): number =>
      states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    const failures = { ...this.#failures };
    for (const [code, more] of Object.entries(this.#givenUp)) add(failures, code, more);
    const now = Date.now();
    this.#ends = this.#ends.filter((end) => now - end < latelyMs);
    const rate = rateOf(this.#ends, now);
    const left = count("active", ...waiting);
    return {
      waiting: count(...waiting),
      active: count("active"),
      done: count("completed"),
      failed: count("failed"),
      samples: this.#samples,
      failures,
      rate,
      secondsLeft: left === 0 ? 0 : rate === 0 ? undefined : left / rate,
    };
  }
}

function add(failures: Failures, code: string, more: number): void {
  failures[code] = (failures[code] ?? 0) + more;
}

function rateOf(ends: readonly number[], now: number): number {
  if (ends.length === 0) return 0;
  const first = ends.reduce((least, end) => Math.min(least, end), now);
  return ends.length / Math.max(1, (now - first) / 1000);
}

/** Puts the shards that were given up back into the queue; resolves with how many. */
export async function retryFailed(queue: QueueOptions): Promise<number> {
  return await withQueue(queue, async (bull) => {
    const { failed = 0 } = await bull.getJobCounts("failed");
    if (failed > 0) await bull.retryJobs({ state: "failed" });
    return failed;
  });
}
