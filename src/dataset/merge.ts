import { createReadStream } from "node:fs";
import { join } from "node:path";
import { FramepoolError, propertyOf } from "../errors.js";
import { readJson, writeWhole } from "./files.js";
import { shardNames } from "./plan.js";
import { type DatasetFailure, readShardRecord, recordPath, tablePath } from "./records.js";
import { datasetName } from "./write.js";

/** What `mergeDataset` wrote. */
export interface MergedDataset {
  /** The table of all samples, one line of JSON each. */
  readonly table: string;
  readonly shards: number;
  readonly samples: number;
  readonly failures: readonly DatasetFailure[];
}

/**
 * Joins the tables of all shards, in their order, into `samples.jsonl`. Throws E_NOT_FOUND where there is no data set, or a shard is
 * missing.
 */
export async function mergeDataset(folder: string): Promise<MergedDataset> {
  const shards = propertyOf(await readJson(join(folder, datasetName)), "shards");
  if (typeof shards !== "number") throw new FramepoolError("E_NOT_FOUND", "holds no data set", { source: folder });
  const names = shardNames(shards);
  const records = await Promise.all(names.map((name) => readShardRecord(recordPath(folder, name))));
  const missing = names.filter((_, i) => records[i] === undefined);
  if (missing.length > 0) {
    const some = `${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", ..." : ""}`;
    throw new FramepoolError(
      "E_NOT_FOUND",
      `${String(missing.length)} of ${String(shards)} shards are missing: ${some}`,
      {
        source: folder,
      },
    );
  }
  const table = join(folder, "samples.jsonl");
  await writeWhole(table, linesOf(names.map((name) => tablePath(folder, name))));
  return {
    table,
    shards,
    samples: records.reduce((sum, record) => sum + (record?.samples ?? 0), 0),
    failures: records.flatMap((record) => record?.failures ?? []),
  };
}

async function* linesOf(tables: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const table of tables) yield* createReadStream(table) as AsyncIterable<Uint8Array>;
}
