import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { QueueWatch } from "../../src/queue/index.js";
import { temporaryFolder } from "../api/support/files.js";
import { RedisServer } from "./redis-server.js";

/** Jobs whose outcome is as that of shards; one that is to fail says so. */
async function done(
  queue: Queue,
  url: string,
  names: readonly string[],
  outcomeOf: (name: string) => object,
): Promise<void> {
  const data = { version: 1, shard: { name: "000000", inputs: [] }, options: { to: "set" } };
  await queue.addBulk(names.map((name) => ({ name, data, opts: { jobId: name } })));
  await ended(queue, url, outcomeOf);
}

async function ended(queue: Queue, url: string, outcomeOf: (name: string) => object): Promise<void> {
  const connection = { url, maxRetriesPerRequest: null };
  const worker = new Worker(queue.name, async ({ name }) => Promise.resolve(outcomeOf(name)), {
    connection,
    concurrency: 100,
  });
  await new Promise<void>((resolve) => worker.once("drained", resolve));
  await worker.close();
}

const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `job-${String(from + i)}`);

describe("a queue that is looked at again and again", () => {
  let server: RedisServer;
  let client: Redis;
  before(async () => {
    server = await RedisServer.start(temporaryFolder());
    client = new Redis(server.url);
  });
  after(async () => {
    client.disconnect();
    await server.kill();
  });

  /** Jobs that the server was asked for since it was asked last, as BullMQ asks. */
  async function jobsRead(): Promise<number> {
    const stats = await client.info("commandstats");
    await client.config("RESETSTAT");
    return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }

  it("reads what ended since the look before, and counts what was put back no more", async () => {
    const connection = { url: server.url, maxRetriesPerRequest: null };
    const queue = new Queue("watched", { connection });
    const good = { kept: false, samples: 2, failures: { E_DECODE: 1 } };
    await done(queue, server.url, names(2500), () => good);
    const watch = await QueueWatch.open({ redis: server.url, name: "watched" });
    try {
      const first = await watch.status();
      assert.deepEqual([first.done, first.samples, first.failures], [2500, 5000, { E_DECODE: 2500 }]);
      assert.ok((await jobsRead()) >= 2500);
      const [status, shards] = await Promise.all([watch.status(), watch.shards()]);
      assert.deepEqual([status.samples, shards.length], [5000, 50]);
      const again = await jobsRead();
      assert.ok(again < 200, `${String(again)} jobs were read again`);

      await done(queue, server.url, names(30, 2500), (name) => {
        if (name === "job-2500" || name === "job-2501") throw new Error("E_IO: no");
        return good;
      });
      const more = await watch.status();
      assert.deepEqual([more.done, more.failed, more.samples], [2528, 2, 5056]);
      assert.deepEqual(more.failures, { E_DECODE: 2528, E_IO: 2 });
      const few = await jobsRead();
      assert.ok(few < 200, `${String(few)} jobs were read for 30 new ones`);

      await queue.retryJobs({ state: "failed" });
      await ended(queue, server.url, (name) => {
        if (name === "job-2500") throw new Error("E_LIMIT: too much");
        return good;
      });
      const last = await watch.status();
      assert.deepEqual([last.done, last.failed, last.samples], [2529, 1, 5058]);
      assert.deepEqual(last.failures, { E_DECODE: 2529, E_LIMIT: 1 });
    } finally {
      await watch.close();
      await queue.close();
    }
  });
});
