// `node dist/test/services/queue-cost.js [SECONDS]`: what a queue costs for each shard, measured on a Redis server of its own, and what 1, 100
// and 10,000 machines come to whose shards take so long (default 60).
import { join } from "node:path";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Redis } from "ioredis";
import { DecoderPool } from "../../src/index.js";
import { addDataset, work } from "../../src/queue/index.js";
import { plain } from "../api/support/clips.js";
import { RedisServer } from "./redis-server.js";

const seconds = Number(process.argv[2] ?? 60);
const shards = 500;

interface Usage {
  readonly operations: number;
  readonly bytes: number;
  readonly redisUs: number;
  readonly mainUs: number;
}

async function usage(client: Redis): Promise<Usage> {
  const info = await client.info();
  const value = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1] ?? NaN);
  const [nanoseconds = ""] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
  return {
    operations: value("total_commands_processed"),
    bytes: value("total_net_input_bytes") + value("total_net_output_bytes"),
    redisUs: (value("used_cpu_user") + value("used_cpu_sys")) * 1e6,
    mainUs: Number(nanoseconds) / 1000,
  };
}

function perShard(before: Usage, after: Usage): Usage {
  const each = (name: keyof Usage): number => (after[name] - before[name]) / shards;
  return { operations: each("operations"), bytes: each("bytes"), redisUs: each("redisUs"), mainUs: each("mainUs") };
}

const folder = mkdtempSync(join(tmpdir(), "framepool-queue-cost-"));
const server = await RedisServer.start(folder);
const client = new Redis(server.url);
const pool = new DecoderPool({ workers: 2 });
try {
  const names = Array.from({ length: shards }, (_, i) => `${String(i)}.mp4`);
  for (const name of names) copyFileSync(plain.path(), join(folder, name));
  process.chdir(folder);
  const queue = { redis: server.url };
  const begin = await usage(client);
  await addDataset(names, { to: "set", select: { count: 1 }, inputsPerShard: 1 }, queue);
  const added = await usage(client);
  await work(queue, { root: folder, pool, untilEmpty: true });
  const done = await usage(client);
  const [adding, working] = [perShard(begin, added), perShard(added, done)];
  for (const [name, cost] of [
    ["to add", adding],
    ["to make", working],
  ] as const) {
    console.log(
      `a shard ${name}: ${cost.operations.toFixed(1)} commands, ${cost.bytes.toFixed(0)} bytes, ${cost.redisUs.toFixed(0)} us of the server, ${cost.mainUs.toFixed(0)} us of the main thread`,
    );
  }
  console.log(`\nwith shards of ${String(seconds)} s:`);
  for (const machines of [1, 100, 10_000]) {
    const rate = machines / seconds;
    const parts = [
      `${rate.toFixed(2)} shards/s`,
      `${(rate * working.operations).toFixed(1)} commands/s`,
      `${((rate * working.bytes) / 1000).toFixed(1)} kB/s`,
      `${((rate * working.redisUs) / 1e4).toFixed(2)} % of the server's one core`,
    ];
    console.log(`${String(machines)} machines: ${parts.join(", ")}`);
  }
  const most = 1e6 / working.redisUs;
  console.log(
    `\nthe server's core is full at ${most.toFixed(0)} shards/s: ${Math.round(most * seconds).toString()} machines`,
  );
} finally {
  await pool.close();
  client.disconnect();
  await server.kill();
  rmSync(folder, { recursive: true });
}
