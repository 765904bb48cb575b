import { oneOf } from "../arguments.js";
import { FramepoolError, propertyOf } from "../errors.js";
import { parquetOf } from "./parquet.js";
import { shardNames } from "./plan.js";
import { type DatasetFailure, readShardRecord, tableName } from "./records.js";
import { type StorageOptions, withStore } from "./storage.js";
import { type Store, eachOf, readJson, writeWhole } from "./store.js";
import { datasetName } from "./write.js";

/** What `mergeDataset` wrote. */
export interface MergedDataset {
  /** The table of all samples: its path, or its address. */
  readonly table: string;
  /** Of the whole data set. */
  readonly shards: number;
  /** Rows of the table. */
  readonly samples: number;
  /** Of all shards, in their order. */
  readonly failures: readonly DatasetFailure[];
}

/** What the joined table is. */
export interface MergeOptions extends StorageOptions {
  /** `jsonl` (default): `samples.jsonl`, a line of JSON each. `parquet`: `samples.parquet`. */
  readonly table?: "jsonl" | "parquet" | undefined;
}

/**
 * Joins the tables of all shards, in their order, into one. Throws FramepoolTypeError, E_NOT_FOUND where there is no data set, or a shard
 * is missing, and E_ADDON (Parquet without `hyparquet-writer`). `folder`: a path, or `s3://bucket/prefix`.
 */
export async function mergeDataset(folder: string, options: MergeOptions = {}): Promise<MergedDataset> {
  const { table = "jsonl", ...storage } = options;
  oneOf("options.table", table, ["jsonl", "parquet"]);
  return await withStore(folder, storage, async (store) => mergeTables(folder, store, table === "parquet"));
}

async function mergeTables(folder: string, store: Store, isParquet: boolean): Promise<MergedDataset> {
  const shards = propertyOf(await readJson(store, datasetName), "shards");
  if (typeof shards !== "number") throw new FramepoolError("E_NOT_FOUND", "holds no data set", { source: folder });
  const names = shardNames(shards);
  const records = await eachOf(names, (name) => readShardRecord(store, name));
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
  const lines = linesOf(store, names.map(tableName));
  const table = isParquet ? "samples.parquet" : "samples.jsonl";
  await writeWhole(store, table, isParquet ? parquetOf(lines) : lines);
  return {
    table: store.locate(table),
    shards,
    samples: records.reduce((sum, record) => sum + (record?.samples ?? 0), 0),
    failures: records.flatMap((record) => record?.failures ?? []),
  };
}

async function* linesOf(store: Store, tables: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const table of tables) {
    const lines = await store.read(table);
    if (lines === undefined) throw new FramepoolError("E_NOT_FOUND", "is missing", { source: store.locate(table) });
    yield* lines;
  }
}
