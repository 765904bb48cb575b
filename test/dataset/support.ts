import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ShardSample, readShard } from "../../src/dataset/index.js";

/** What lies in a folder: each file's digest, by its name. */
export function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) found[name] = createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  return found;
}

export async function samplesOf(shard: string): Promise<ShardSample[]> {
  const samples: ShardSample[] = [];
  for await (const sample of readShard(shard)) samples.push(sample);
  return samples;
}

export function tableOf(folder: string, shard: string): Record<string, unknown>[] {
  const lines = readFileSync(join(folder, `${shard}.jsonl`), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
}
