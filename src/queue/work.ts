import type { Job } from "bullmq";
import { boolean, checkSignal, integer, knownKeys } from "../arguments.js";
import { codeOf, isAddress } from "../dataset/records.js";
import { ShardRun } from "../dataset/shard-run.js";
import { beginDataset } from "../dataset/write.js";
import { isS3 } from "../dataset/s3/address.js";
import { type StorageOptions, Storage, checkStorage } from "../dataset/storage.js";
import { FramepoolError, argumentError, messageOf, propertyOf } from "../errors.js";
import { DecoderPool, type MediaSource, httpSource } from "../index.js";
import { type QueueOptions, loadBullMQ, openQueue, queueSettings, waiting } from "./connection.js";
import type { ShardJob, ShardOutcome } from "./jobs.js";
import { Roots } from "./roots.js";

/** What became of a shard. */
export type WorkEvent =
  | ({
      /** It is there. */
      readonly type: "done";
      /** Its name. */
      readonly shard: string;
    } & ShardOutcome)
  | {
      /** It could not be made. */
      readonly type: "failed";
      /** Its name. */
      readonly shard: string;
      /** Of the error: see ErrorCode. */
      readonly code: string;
      /** Of the error. */
      readonly message: string;
      /** It is not tried again. */
      readonly isLast: boolean;
    };

/** How a machine works on a queue. */
export interface WorkOptions extends StorageOptions {
  /**
   * Nothing outside of it is read or written, whatever a job says: a folder, which paths in jobs are relative to, `s3://bucket/prefix`,
   * or a list of at most one folder and any number of prefixes.
   */
  readonly root: string | readonly string[];
  /** Shards at a time. Default 2: while one ends, the next keeps the workers busy. */
  readonly concurrency?: number | undefined;
  /** Also inputs of servers that are not on the public internet. Default false. */
  readonly allowPrivateAddresses?: boolean | undefined;
  /** Ends when nothing is left to do. Default false: waits for more. */
  readonly untilEmpty?: boolean | undefined;
  /** Default: one of its own, of as many workers as there are cores. */
  readonly pool?: DecoderPool | undefined;
  /** Ends once the shards under way are made. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each shard that is done or failed. */
  readonly onEvent?: ((event: WorkEvent) => void) | undefined;
}

/** What a machine did until it ended. */
export interface WorkSummary {
  /** Shards that it made. */
  readonly made: number;
  /** Shards that were there already. */
  readonly kept: number;
  /** Shards that were given up. */
  readonly failed: number;
  /** In the shards that are done. */
  readonly samples: number;
}

/** Of a job's lock, which is renewed twice in that time: a worker that is gone is noticed after it, and its job goes to another. */
const lockMs = 15_000;

/** Will not be better the next time. */
const final: ReadonlySet<unknown> = new Set(["E_ARGUMENT", "E_EXISTS", "E_ACCESS"]);

/**
 * Makes shards of the queue, on one warm pool, until the signal aborts or (`untilEmpty`) nothing is left. A shard that another worker
 * made meanwhile is the same, byte for byte: a job that is done twice leaves one result. What a server's or the network's failure kept
 * from being made is tried again, later and later. Throws FramepoolTypeError, E_ADDON, and what `onEvent` throws, once the shards under
 * way are made.
 */
export async function work(queue: QueueOptions, options: WorkOptions): Promise<WorkSummary> {
  knownKeys("options", options, [
    ...["root", "concurrency", "allowPrivateAddresses", "untilEmpty", "pool", "signal", "onEvent", "s3Endpoint"],
  ]);
  const { connection, name } = queueSettings(queue);
  const { signal, onEvent = () => undefined } = options;
  checkSignal(signal);
  if (typeof onEvent !== "function") throw argumentError("options.onEvent", "a function", onEvent);
  checkStorage("options", options);
  const roots = await Roots.of(options.root);
  const concurrency = integer("options.concurrency", options.concurrency ?? 2, 1, 1000);
  const untilEmpty = boolean("options.untilEmpty", options.untilEmpty ?? false);
  const refusePrivateAddresses = !boolean("options.allowPrivateAddresses", options.allowPrivateAddresses ?? false);
  const { UnrecoverableError, Worker } = await loadBullMQ();
  const bull = await openQueue(queue);
  const pool = options.pool ?? new DecoderPool();
  const counts = { made: 0, kept: 0, failed: 0, samples: 0 };
  const storage = new Storage(options);

  const process = async ({ data }: Job<ShardJob>): Promise<ShardOutcome> => {
    try {
      return await makeShard(data, { pool, roots, storage, refusePrivateAddresses });
    } catch (error) {
      if (final.has(propertyOf(error, "code"))) throw new UnrecoverableError(textOf(error));
      throw new Error(textOf(error), { cause: error });
    }
  };
  const worker = new Worker<ShardJob, ShardOutcome>(name, process, {
    connection,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    // A machine that dies is not the shard's fault.
    maxStalledCount: 1000,
  });
  let stop = (): void => undefined;
  try {
    await new Promise<void>((end, reject) => {
      stop = end;
      const fail = (error: Error): void => reject(error);
      // BullMQ swallows what its listeners throw.
      const tell = (event: WorkEvent): void => {
        try {
          onEvent(event);
        } catch (error) {
          fail(error as Error);
        }
      };
      const endWhenEmpty = async (): Promise<void> => {
        if (!untilEmpty) return;
        const left = await bull.getJobCounts("active", ...waiting);
        if (Object.values(left).every((count) => count === 0)) end();
      };
      const look = (): void => void endWhenEmpty().catch(fail);
      worker.on("completed", ({ data }, outcome) => {
        counts[outcome.kept ? "kept" : "made"]++;
        counts.samples += outcome.samples;
        tell({ type: "done", shard: data.shard.name, ...outcome });
        look();
      });
      worker.on("failed", (job, error) => {
        if (job === undefined) return;
        const { code, message } = parted(error);
        const isLast = job.finishedOn !== undefined;
        if (isLast) counts.failed++;
        tell({ type: "failed", shard: job.data.shard.name, code, message, isLast });
        look();
      });
      worker.on("drained", look);
      // A server that is restarted: BullMQ connects again by itself.
      worker.on("error", () => undefined);
      const timer = setInterval(look, 1000);
      if (signal?.aborted === true) stop();
      signal?.addEventListener("abort", stop, { once: true });
      worker.once("closing", () => clearInterval(timer));
    });
    return counts;
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.close();
    await bull.close();
    if (options.pool === undefined) await pool.close();
    await storage.close();
  }
}

interface Tools {
  readonly pool: DecoderPool;
  readonly roots: Roots;
  readonly storage: Storage;
  readonly refusePrivateAddresses: boolean;
}

async function makeShard(
  { shard, fingerprint, shards, options }: ShardJob,
  { pool, roots, storage, refusePrivateAddresses }: Tools,
): Promise<ShardOutcome> {
  const to = await roots.folder(options.to);
  const paths = new Map<string, string>();
  for (const { source } of shard.inputs) {
    if (!isAddress(source) || isS3(source)) paths.set(source, await roots.inside(source));
  }
  const settings = {
    ...options,
    to,
    store: storage.store(to),
    open(source: string): MediaSource {
      const path = paths.get(source);
      return path === undefined ? httpSource(source, { refusePrivateAddresses }) : storage.source(path);
    },
    signal: undefined,
    onProgress: () => undefined,
  };
  await beginDataset(fingerprint, shards, settings);
  const known = { ...shard, inputs: shard.inputs.map((input) => ({ ...input, path: paths.get(input.source) })) };
  const { kept, samples, failures, unfinished } = await new ShardRun(pool, [known], settings).run();
  const [first] = unfinished;
  if (first !== undefined) throw new FramepoolError("E_IO", `${first.failure.message} (${first.failure.code})`);
  const byCode: Record<string, number> = {};
  for (const { code } of failures) byCode[code] = (byCode[code] ?? 0) + 1;
  return { kept: kept > 0, samples, failures: byCode };
}

/** The code travels in the message: of a failed job the queue keeps only that. */
function textOf(error: unknown): string {
  return `${codeOf(error)}: ${messageOf(error)}`;
}

export function parted(error: unknown): { readonly code: string; readonly message: string } {
  const text = messageOf(error);
  const [, code = "E_INTERNAL", message = text] = /^(E_[A-Z_]+): (.*)$/s.exec(text) ?? [];
  return { code, message };
}
