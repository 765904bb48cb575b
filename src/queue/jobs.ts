import { createHash } from "node:crypto";
import type { DatasetPlan, ShardPlan } from "../dataset/plan.js";
import type { DatasetSettings, ShardSettings } from "../dataset/options.js";

/** One shard of a data set, as it waits in the queue: data, nothing of which is ever run. */
export interface ShardJob {
  readonly version: 1;
  readonly shard: ShardPlan;
  /** Of the whole data set. */
  readonly fingerprint: string;
  readonly shards: number;
  readonly options: Pick<
    ShardSettings,
    "to" | "select" | "encode" | "clip" | "sound" | "decoding" | "layout" | "shardBytes" | "identity"
  >;
}

/** What came of a job. */
export interface ShardOutcome {
  /** It was there already. */
  readonly kept: boolean;
  /** In the shard. */
  readonly samples: number;
  /** Inputs and frames that could not be read, by code. */
  readonly failures: Readonly<Record<string, number>>;
}

export function jobsOf({ shards, fingerprint }: DatasetPlan, settings: DatasetSettings): ShardJob[] {
  const { to, select, encode, clip, sound, decoding, layout, shardBytes, identity } = settings;
  const options = { to, select, encode, clip, sound, decoding, layout, shardBytes, identity };
  return shards.map((shard) => ({ version: 1, shard, fingerprint, shards: shards.length, options }));
}

/** Equal for the same shard of the same data set in the same folder: it is in the queue once, however often it is added. */
export function jobId({ shard, options: { to } }: ShardJob): string {
  return createHash("sha256")
    .update(JSON.stringify([shard.fingerprint, to]))
    .digest("hex")
    .slice(0, 32);
}
