import { UsageError, type ValuesOf, parseInteger } from "./usage.js";

export const shareOptions = {
  shard: { type: "string" },
  shards: { type: "string" },
} as const;

/** Where schedulers of array jobs say which of them this one is, counted from 0. */
const indexVariables = ["JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID"] as const;

/** This process's share of the work: `--shard 3/16`, or `--shards 16` within an array job. */
export function parseShare(
  { shard, shards }: ValuesOf<typeof shareOptions>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly index: number; readonly count: number } | undefined {
  if (shard !== undefined && shards !== undefined) throw new UsageError("--shard and --shards exclude each other");
  if (shard !== undefined) {
    const [, index, count] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
    const share = { index: Number(index), count: Number(count) };
    if (index === undefined || share.index >= share.count) {
      throw new UsageError(`--shard takes I/N such as 3/16, I from 0 to N-1, not "${shard}"`);
    }
    return share;
  }
  if (shards === undefined) return undefined;
  const count = parseInteger("--shards", shards, 1);
  const variable = indexVariables.find((name) => environment[name] !== undefined);
  if (variable === undefined) throw new UsageError(`--shards needs ${indexVariables.join(" or ")}: use --shard I/N`);
  return { index: parseInteger(variable, environment[variable] ?? "", 0, count - 1), count };
}
