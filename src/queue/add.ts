import { type DatasetOptions, datasetSettings } from "../dataset/options.js";
import { planShards } from "../dataset/plan.js";
import { type QueueOptions, withQueue } from "./connection.js";
import { jobId, jobsOf } from "./jobs.js";

/** What a data set is made of, as jobs can hold it. */
export type QueuedDatasetOptions = Omit<DatasetOptions, "pool" | "share" | "signal" | "onProgress" | "s3Endpoint">;

/** What was put into the queue. */
export interface Added {
  /** Of the whole data set. */
  readonly shards: number;
  /** Of these, those that were not in the queue before. */
  readonly added: number;
}

/** Jobs that are sent to the server at a time. */
const together = 1000;

/**
 * Puts the shards of a data set into the queue, each as a job, to be made by whoever works on it. What is in it already is not added
 * again. `to` and the inputs' paths are as the workers see them, below their `root`. Throws FramepoolTypeError, E_ADDON, and what the
 * server answers.
 */
export async function addDataset(
  inputs: Iterable<string | URL>,
  options: QueuedDatasetOptions,
  queue: QueueOptions,
): Promise<Added> {
  const settings = datasetSettings(options);
  const jobs = jobsOf(planShards(inputs, settings), settings);
  return await withQueue(queue, async (bull) => {
    const before = await countOf(bull);
    for (let begin = 0; begin < jobs.length; begin += together) {
      await bull.addBulk(
        jobs.slice(begin, begin + together).map((data) => ({
          name: data.shard.name,
          data,
          opts: {
            jobId: jobId(data),
            // A server that is down for minutes is no reason to give up.
            attempts: 8,
            backoff: { type: "exponential", delay: 1000, jitter: 0.5 },
            // What is done stays known, so that it is not added again.
            removeOnComplete: false,
            removeOnFail: false,
          },
        })),
      );
    }
    return { shards: jobs.length, added: (await countOf(bull)) - before };
  });
}

async function countOf(queue: { getJobCounts(): Promise<Record<string, number>> }): Promise<number> {
  return Object.values(await queue.getJobCounts()).reduce((sum, count) => sum + count, 0);
}
