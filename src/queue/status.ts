import { type QueueOptions, waiting, withQueue } from "./connection.js";
import { parted } from "./work.js";

/** How a queue stands. */
export interface QueueStatus {
  /** In shards. */
  readonly waiting: number;
  readonly active: number;
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

const page = 1000;
/** What the rate is taken over. */
const latelyMs = 5 * 60_000;

/** Throws FramepoolTypeError, E_ADDON, and what the server answers. */
export async function queueStatus(queue: QueueOptions): Promise<QueueStatus> {
  return await withQueue(queue, async (bull) => {
    const counts = await bull.getJobCounts("active", ...waiting, "completed", "failed");
    const count = (...states: readonly string[]): number =>
      states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    const failures: Record<string, number> = {};
    const add = (code: string, more: number): void => void (failures[code] = (failures[code] ?? 0) + more);
    let samples = 0;
    const ends: number[] = [];
    for (let begin = 0; begin < count("completed"); begin += page) {
      for (const { returnvalue: outcome, finishedOn } of await bull.getCompleted(begin, begin + page - 1)) {
        samples += outcome.samples;
        for (const [code, more] of Object.entries(outcome.failures)) add(code, more);
        if (finishedOn !== undefined) ends.push(finishedOn);
      }
    }
    for (let begin = 0; begin < count("failed"); begin += page) {
      for (const { failedReason } of await bull.getFailed(begin, begin + page - 1)) add(parted(failedReason).code, 1);
    }
    const rate = rateOf(ends, Date.now());
    const left = count("active", ...waiting);
    return {
      waiting: count(...waiting),
      active: count("active"),
      done: count("completed"),
      failed: count("failed"),
      samples,
      failures,
      rate,
      secondsLeft: left === 0 ? 0 : rate === 0 ? undefined : left / rate,
    };
  });
}

function rateOf(ends: readonly number[], now: number): number {
  const lately = ends.filter((end) => now - end < latelyMs);
  if (lately.length === 0) return 0;
  const first = lately.reduce((least, end) => Math.min(least, end), now);
  return lately.length / Math.max(1, (now - first) / 1000);
}

/** Puts the shards that were given up back into the queue; resolves with how many. */
export async function retryFailed(queue: QueueOptions): Promise<number> {
  return await withQueue(queue, async (bull) => {
    const { failed = 0 } = await bull.getJobCounts("failed");
    if (failed > 0) await bull.retryJobs({ state: "failed" });
    return failed;
  });
}
