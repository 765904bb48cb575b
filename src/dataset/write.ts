import { FramepoolError, propertyOf } from "../errors.js";
import { DecoderPool } from "../index.js";
import { type DatasetOptions, type ShardSettings, datasetSettings } from "./options.js";
import { planShards } from "./plan.js";
import { type MadeShards, ShardRun } from "./shard-run.js";
import { Storage } from "./storage.js";
import { readJson, writeWhole } from "./store.js";

/** What a run did. */
export interface DatasetSummary extends MadeShards {
  /** Of the whole data set. */
  readonly shards: number;
}

/**
 * Writes frames of many files as samples into shards. What a shard holds depends only on the inputs and the options, byte for byte,
 * whichever machine makes it; it appears whole or not at all, and last its `.json`, which says that it is done: a run again makes
 * only what is missing. An input that cannot be decoded is listed there with its error's code, and stops nothing.
 *
 * Throws FramepoolTypeError, E_EXISTS where the folder holds another data set, E_IO where it cannot be written, of S3 also E_NOT_FOUND
 * (no such bucket), E_ACCESS, E_TIMEOUT, and E_ADDON (no `@aws-sdk/client-s3`), and the signal's reason.
 */
export async function writeDataset(inputs: Iterable<string | URL>, options: DatasetOptions): Promise<DatasetSummary> {
  const checked = datasetSettings(options);
  const plan = planShards(inputs, checked);
  const { share, to } = checked;
  const own = plan.shards.filter((_, number) => number % share.count === share.index);
  const storage = new Storage(checked);
  const settings = { ...checked, store: storage.store(to), open: (source: string) => storage.source(source) };
  const pool = settings.pool ?? new DecoderPool();
  try {
    await beginDataset(plan.fingerprint, plan.shards.length, settings);
    return { shards: plan.shards.length, ...(await new ShardRun(pool, own, settings).run()) };
  } finally {
    if (settings.pool === undefined) await pool.close();
    await storage.close();
  }
}

/** `dataset.json`, by which whoever else works on the same folder, now or later, sees that it is the same data set. */
export const datasetName = "dataset.json";

/** Makes the folder one of this data set. Throws E_EXISTS, E_IO. */
export async function beginDataset(
  fingerprint: string,
  shards: number,
  { to, store, identity, signal }: Pick<ShardSettings, "to" | "store" | "identity" | "signal">,
): Promise<void> {
  signal?.throwIfAborted();
  await store.prepare();
  const known = await readJson(store, datasetName);
  if (known === undefined) {
    await writeWhole(store, datasetName, [
      `${JSON.stringify({ version: 1, fingerprint, shards, options: identity })}\n`,
    ]);
  } else if (propertyOf(known, "fingerprint") !== fingerprint) {
    const reason = "holds a data set of other inputs or options: choose another folder";
    throw new FramepoolError("E_EXISTS", reason, { source: to });
  }
}
