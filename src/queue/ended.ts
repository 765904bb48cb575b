import type { Job, Queue } from "bullmq";
import type { ShardJob, ShardOutcome } from "./jobs.js";

export type ShardQueue = Queue<ShardJob, ShardOutcome>;
type EndedJob = Job<ShardJob, ShardOutcome>;

/** Jobs that are read at a time, and when nothing new is expected. */
const page = 1000;
const leastPage = 20;

/**
 * What the jobs that ended in one way come to. Each is read once, however often it is asked for: a look at a queue costs what is new in
 * it, not what was done before.
 */
export class Ended {
  readonly #bull: ShardQueue;
  readonly #state: "completed" | "failed";
  readonly #count: (job: EndedJob) => void;
  readonly #forget: () => void;
  /** A job that is put back and ends again is another one. */
  readonly #seen = new Set<string>();

  constructor(
    bull: ShardQueue,
    state: "completed" | "failed",
    { count, forget }: { readonly count: (job: EndedJob) => void; readonly forget: () => void },
  ) {
    this.#bull = bull;
    this.#state = state;
    this.#count = count;
    this.#forget = forget;
  }

  async read(): Promise<void> {
    await this.#readNew();
    // Some that were counted are not there any more: put back, or removed.
    if (this.#seen.size <= (await this.#length())) return;
    this.#seen.clear();
    this.#forget();
    await this.#readNew();
  }

  async #readNew(): Promise<void> {
    const length = await this.#length();
    let begin = 0;
    do {
      const size = Math.min(page, leastPage + Math.max(0, length - this.#seen.size));
      // The newest first.
      const jobs = await this.#bull.getJobs([this.#state], begin, begin + size - 1);
      for (const job of jobs) {
        const key = `${job.id ?? ""}:${String(job.finishedOn)}`;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        this.#count(job);
      }
      begin += size;
    } while (this.#seen.size < length && begin < length);
  }

  async #length(): Promise<number> {
    return (await this.#bull.getJobCounts(this.#state))[this.#state] ?? 0;
  }
}
