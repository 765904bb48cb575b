import type { Job } from "bullmq";
import { integer, knownKeys } from "../arguments.js";
import { propertyOf } from "../errors.js";
import { type StorageOptions, Storage, checkStorage } from "../dataset/storage.js";
import { readShard } from "../dataset/read.js";
import { isS3 } from "../dataset/s3/address.js";
import { type QueueOptions, withQueue } from "./connection.js";
import type { ShardQueue } from "./ended.js";
import type { ShardJob, ShardOutcome } from "./jobs.js";
import { Roots } from "./roots.js";
import { parted } from "./work.js";

/** A shard in the queue. */
export interface QueuedShard {
  /** Of its job. */
  readonly id: string;
  /** Its name: "000012". */
  readonly shard: string;
  /** Where it goes, as the job says. */
  readonly to: string;
  /** `active`: being made. `failed`: given up. `waiting`: also for its next try. */
  readonly state: "active" | "done" | "failed" | "waiting";
  /** Videos that it is made of. */
  readonly inputs: number;
  /** How often it was begun. */
  readonly attempts: number;
  /** Of one that is done. */
  readonly samples?: number;
  /** Of one that is done: inputs and frames that could not be read. */
  readonly failures?: number;
  /** What went wrong last, of one that is given up or to be tried again. */
  readonly code?: string;
  /** Of that error. */
  readonly message?: string;
  /** In milliseconds since 1970. */
  readonly finishedAt?: number;
}

/**
 * Shards in the queue, the newest first: at most `most` (default 50) of those under way, given up, done, and waiting each. Throws
 * FramepoolTypeError, E_ADDON, and what the server answers.
 */
export async function queuedShards(
  queue: QueueOptions,
  options: { readonly most?: number | undefined } = {},
): Promise<QueuedShard[]> {
  knownKeys("options", options, ["most"]);
  const most = integer("options.most", options.most ?? usualShards, 1, 10_000);
  return await withQueue(queue, async (bull) => shardsOf(bull, most));
}

export const usualShards = 50;

export async function shardsOf(bull: ShardQueue, most: number): Promise<QueuedShard[]> {
  const last = most - 1;
  const [active, failed, done, waiting, delayed] = await Promise.all([
    bull.getActive(0, last),
    bull.getFailed(0, last),
    bull.getCompleted(0, last),
    bull.getWaiting(0, last),
    bull.getDelayed(0, last),
  ]);
  return [
    ...active.map((job) => describe(job, "active")),
    ...failed.map((job) => describe(job, "failed")),
    ...done.map((job) => describe(job, "done")),
    ...[...delayed, ...waiting].slice(0, most).map((job) => describe(job, "waiting")),
  ];
}

function describe(job: Job<ShardJob, ShardOutcome>, state: QueuedShard["state"]): QueuedShard {
  const { id = "", data, attemptsStarted, returnvalue, finishedOn } = job;
  const { shard, options } = data;
  // Only of one that has failed before.
  const reason = propertyOf(job, "failedReason");
  const counts = state === "done" ? Object.values(returnvalue.failures) : [];
  return {
    ...{ id, shard: shard.name, to: options.to, state, inputs: shard.inputs.length, attempts: attemptsStarted },
    ...(state === "done" ? { samples: returnvalue.samples, failures: counts.reduce((sum, n) => sum + n, 0) } : {}),
    ...(typeof reason === "string" && state !== "done" ? parted(reason) : {}),
    ...(finishedOn === undefined ? {} : { finishedAt: finishedOn }),
  };
}

/** The first picture of a shard. */
export interface ShardPicture {
  /** As the data set has it. */
  readonly format: "jpeg" | "png" | "webp";
  /** The file's bytes. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const formats: Readonly<Record<string, ShardPicture["format"]>> = { jpg: "jpeg", png: "png", webp: "webp" };

/**
 * A picture of a shard that is done: its first sample's first; undefined where it has none, is not there, or is none of tar files. `root`
 * as for `work`. Throws FramepoolTypeError, E_ACCESS for what is outside of the root, E_ADDON, E_IO, and what the server answers.
 */
export async function shardPicture(
  queue: QueueOptions,
  id: string,
  options: StorageOptions & { readonly root: string | readonly string[] },
): Promise<ShardPicture | undefined> {
  knownKeys("options", options, ["root", "s3Endpoint"]);
  checkStorage("options", options);
  const roots = await Roots.of(options.root);
  const job = await withQueue(queue, async (bull) => (await bull.getJob(id))?.data);
  if (job === undefined || !/^\d+$/.test(job.shard.name) || job.options.layout !== "webdataset") return undefined;
  const to = await roots.folder(job.options.to);
  const name = `${job.shard.name}.tar`;
  // A link in place of a shard leads nowhere else.
  if (!isS3(to)) await roots.inside(`${to}/${name}`);
  const storage = new Storage(options);
  try {
    const bytes = await storage.store(to).read(name);
    if (bytes === undefined) return undefined;
    for await (const { files } of readShard(ReadableStream.from(bytes))) {
      for (const [extension, data] of Object.entries(files)) {
        const format = formats[extension.replace(/^\d+\./, "")];
        if (format !== undefined) return { format, data };
      }
      return undefined;
    }
    return undefined;
  } finally {
    await storage.close();
  }
}
