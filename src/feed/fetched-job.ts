import type { Job, JobResults } from "../protocol/job.js";
import { linkedTo } from "../async/abort.js";
import type { RunOptions, Running } from "../threads/task.js";
import type { WorkerPool } from "../threads/worker-pool.js";
import type { ByteRange, SharedPiece } from "../protocol/bytes.js";
import { takeAll } from "../async/byte-budget.js";
import { mostFetched } from "./held-sources.js";
import type { RemoteLink } from "./source-link.js";

type FetchedJob = Exclude<Job, { kind: "drop" | "versions" }>;

/**
 * Runs a job whose bytes are fetched before it takes a worker, so that a source that stalls keeps nobody from working. Jobs
 * fetch in the order they come in, as many at a time as the budgets of their source and of the pool have room for. `rangesOf`:
 * what is worth fetching, in so many bytes.
 */
export function runFetched<J extends FetchedJob>(
  workers: WorkerPool,
  link: RemoteLink | undefined,
  rangesOf: (mostBytes: number) => readonly ByteRange[],
  job: J,
  options: RunOptions,
): Running<JobResults[J["kind"]]> {
  const own = { ...options, channel: link?.channel };
  const ranges = link === undefined ? [] : rangesOf(mostFetched);
  const fetch = link?.fetch;
  if (fetch === undefined || ranges.length === 0) {
    if (ranges.length > 0) link?.expect?.(ranges);
    return workers.run(job, own);
  }

  let running: Running<JobResults[J["kind"]]> | undefined;
  const result = linkedTo([options.signal], async (signal) => {
    const release = await takeAll(link?.budgets ?? [], bytesOf(ranges), signal);
    let fetched: readonly SharedPiece[];
    try {
      fetched = await fetch(ranges, signal);
    } catch (error) {
      release();
      throw error;
    }
    running = workers.run({ ...job, fetched }, own);
    void running.settled.then(release);
    return await running.result;
  });
  const settled = result.then(
    () => running?.settled,
    () => running?.settled,
  );
  return { result, settled, slot: () => running?.slot() };
}

function bytesOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}
