import type * as bullmq from "bullmq";
import { loadInstalled } from "../dataset/packages.js";
import { argumentError } from "../errors.js";
import { knownKeys } from "../arguments.js";
import type { ShardJob, ShardOutcome } from "./jobs.js";

/** Which queue of which server. */
export interface QueueOptions {
  /** `redis://[user:password@]host:port/database`, or `rediss:` over TLS. */
  readonly redis: string | URL;
  /** Default `framepool`. */
  readonly name?: string | undefined;
}

interface QueueSettings {
  readonly connection: { readonly url: string; readonly maxRetriesPerRequest: null };
  readonly name: string;
}

/** States of jobs that nobody works at and that are to be done. */
export const waiting = ["waiting", "delayed", "prioritized"] as const;

/** Throws E_ADDON where the packages are not installed. */
export async function loadBullMQ(): Promise<typeof bullmq> {
  return await loadInstalled("the queue needs the packages bullmq and ioredis", "bullmq ioredis", async () => {
    await import("ioredis");
    return await import("bullmq");
  });
}

/** Has the queue open meanwhile. Throws FramepoolTypeError, E_ADDON, and what the server answers. */
export async function withQueue<T>(
  options: QueueOptions,
  use: (queue: bullmq.Queue<ShardJob, ShardOutcome>) => Promise<T>,
): Promise<T> {
  const queue = await openQueue(options);
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}

/** To be closed. Throws FramepoolTypeError and E_ADDON. */
export async function openQueue(options: QueueOptions): Promise<bullmq.Queue<ShardJob, ShardOutcome>> {
  const { connection, name } = queueSettings(options);
  const { Queue } = await loadBullMQ();
  const queue = new Queue<ShardJob, ShardOutcome>(name, { connection });
  // A server that is restarted: the connection comes back by itself, and what was asked for is answered then.
  queue.on("error", () => undefined);
  return queue;
}

/** Throws FramepoolTypeError. */
export function queueSettings(options: QueueOptions): QueueSettings {
  knownKeys("queue", options, ["redis", "name"]);
  const { redis, name = "framepool" } = options;
  const text = redis instanceof URL ? redis.href : redis;
  const isUrl = typeof text === "string" && URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol);
  // Not shown: it may hold a password.
  if (!isUrl)
    throw argumentError("queue.redis", "a redis: or rediss: URL", typeof text === "string" ? "another text" : redis);
  if (typeof name !== "string" || !/^[\w.-]+$/.test(name)) {
    throw argumentError("queue.name", "a name of letters, digits, dots and dashes", name);
  }
  return { connection: { url: text, maxRetriesPerRequest: null }, name };
}
