// `node dist/test/services/lock-delay.js [SHARDS]`: how late the locks of jobs are renewed while all workers decode and encode, and how long the
// main thread's event loop keeps others waiting meanwhile. A real worker on a Redis server of its own, which tells the times.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Redis } from "ioredis";
import { DecoderPool } from "../../src/index.js";
import { addDataset, work } from "../../src/queue/index.js";
import { plain } from "../api/support/clips.js";
import { RedisServer } from "./redis-server.js";

const shards = Number(process.argv[2] ?? 4);
/** Small videos, of which a shard has many: what costs the main thread most. */
const inputsPerShard = 400;
/** BullMQ looks for locks to renew four times in a lock's life, which is 15 s here. */
const dueMs = 15_000 / 4;

const folder = mkdtempSync(join(tmpdir(), "framepool-lock-delay-"));
const server = await RedisServer.start(folder);
const client = new Redis(server.url);
const pool = new DecoderPool();
try {
  const names = Array.from({ length: shards * inputsPerShard }, (_, i) => `${String(i)}.mp4`);
  for (const name of names) copyFileSync(plain.path(), join(folder, name));
  process.chdir(folder);
  const queue = { redis: server.url };
  await addDataset(names, { to: "set", select: { range: {} }, inputsPerShard }, queue);

  const taken = new Map<string, number[]>();
  const monitor = await client.monitor();
  monitor.on("monitor", (seconds: string, [command, key = "", ...rest]: readonly string[]) => {
    if (command?.toUpperCase() !== "SET" || !key.endsWith(":lock") || !rest.includes("PX")) return;
    taken.set(key, [...(taken.get(key) ?? []), Number(seconds) * 1000]);
  });
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const begin = performance.now();
  const { made } = await work(queue, { root: folder, pool, untilEmpty: true });
  const seconds = (performance.now() - begin) / 1000;
  loop.disable();
  monitor.disconnect();

  // The first renewal is due by the worker's clock, and not by when the job began: those after it tell.
  const ages = [...taken.values()].flatMap((times) => times.slice(1).map((time, i) => time - (times[i] ?? NaN)));
  const late = [...taken.values()]
    .flatMap((times) => times.slice(2).map((time, i) => time - (times[i + 1] ?? NaN)))
    .map((age) => age - dueMs * Math.max(1, Math.floor(age / dueMs)))
    .sort((a, b) => a - b);
  if (late.length === 0) throw new Error("no lock was renewed twice: more inputs in a shard are needed");
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(`${String(made)} shards in ${seconds.toFixed(0)} s, ${String(ages.length)} renewals of locks of 15 s`);
  console.log(`late: median ${ms(late[late.length >> 1] ?? NaN)}, at most ${ms(late.at(-1) ?? NaN)}`);
  console.log(`the oldest lock that was renewed: ${(Math.max(...ages) / 1000).toFixed(2)} s`);
  const [median, high, most] = [loop.percentile(50), loop.percentile(99), loop.max].map((ns) => ms(ns / 1e6));
  console.log(
    `the event loop's delay: median ${median ?? ""}, 99 of 100 at most ${high ?? ""}, the longest ${most ?? ""}`,
  );
} finally {
  await pool.close();
  client.disconnect();
  await server.kill();
  rmSync(folder, { recursive: true });
}
