import assert from "node:assert/strict";
import { type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { getEventListeners, once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { writeDataset } from "../../src/dataset/index.js";
import { transforms } from "../../src/index.js";
import { type WorkEvent, addDataset, queueStatus, retryFailed, work } from "../../src/queue/index.js";
import { intra, plain, plainMkv } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { testPool } from "../api/support/pool.js";
import { framepool, launch } from "../cli/support.js";
import { contents } from "../dataset/support.js";
import { RedisServer } from "./redis-server.js";

/** Of the long test: FRAMEPOOL_TEST_VIDEOS=1000. */
const videos = Number(process.env["FRAMEPOOL_TEST_VIDEOS"] ?? 120);

describe("a queue", async () => {
  const root = temporaryFolder();
  const server = await RedisServer.start(temporaryFolder());
  const pool = testPool();
  const redis = server.url;
  for (const [i, path] of [plain.path(), intra.path(), plainMkv()].entries())
    copyFileSync(path, join(root, `${i}.mp4`));
  const inputs = ["0.mp4", "1.mp4", "2.mp4", "missing.mp4"];
  // What the command's pictures are.
  const played = [transforms.toneMap({ to: "sdr" }), transforms.squarePixels()];
  const options = { to: "set", select: { count: 3 }, inputsPerShard: 2, transforms: played };

  it("makes what one machine would make, each shard once however often it is added", async () => {
    const queue = { redis, name: "plain" };
    assert.deepEqual(await addDataset(inputs, options, queue), { shards: 2, added: 2 });
    assert.deepEqual(await addDataset(inputs, options, queue), { shards: 2, added: 0 });
    const before = await queueStatus(queue);
    assert.deepEqual([before.waiting, before.done, before.rate, before.secondsLeft], [2, 0, 0, undefined]);
    const events: WorkEvent[] = [];
    const summary = await work(queue, { root, pool, untilEmpty: true, onEvent: (event) => events.push(event) });
    assert.deepEqual(summary, { made: 2, kept: 0, failed: 0, samples: 9 });
    assert.equal(events.length, 2);
    const whole = join(root, "whole");
    const here = process.cwd();
    process.chdir(root);
    await writeDataset(inputs, { ...options, to: whole, pool });
    process.chdir(here);
    assert.deepEqual(contents(join(root, "set")), contents(whole));
    const after = await queueStatus(queue);
    assert.deepEqual(
      [after.waiting, after.active, after.done, after.failed, after.samples, after.failures, after.secondsLeft],
      [0, 0, 2, 0, 9, { E_NOT_FOUND: 1 }, 0],
    );
    assert.deepEqual(await addDataset(inputs, options, queue), { shards: 2, added: 0 });
  });

  it("gives up what can never be done, and makes it when it is put back", async () => {
    const queue = { redis, name: "given-up" };
    mkdirSync(join(root, "outside"));
    const narrow = join(root, "narrow");
    mkdirSync(narrow);
    symlinkSync(join(root, "outside"), join(narrow, "link"));
    for (const to of ["../outside/set", join(root, "outside", "set"), "link/set"]) {
      await addDataset(["0.mp4"], { ...options, to }, queue);
    }
    await addDataset(["../0.mp4"], options, queue);
    const events: WorkEvent[] = [];
    const summary = await work(queue, { root: narrow, pool, untilEmpty: true, onEvent: (event) => events.push(event) });
    assert.deepEqual(summary, { made: 0, kept: 0, failed: 4, samples: 0 });
    assert.ok(events.every((event) => event.type === "failed" && event.code === "E_ACCESS" && event.isLast));
    assert.deepEqual(readdirSync(join(root, "outside")), []);
    assert.deepEqual((await queueStatus(queue)).failures, { E_ACCESS: 4 });
    assert.equal(await retryFailed(queue), 4);
    assert.equal((await queueStatus(queue)).waiting, 4);
  });

  it("ends with what onEvent throws, and leaves nothing on the signal", async () => {
    const queue = { redis, name: "thrown" };
    await addDataset(inputs, { ...options, to: "thrown" }, queue);
    const { signal } = new AbortController();
    const thrown = new Error("mine");
    const onEvent = (): never => {
      throw thrown;
    };
    const one = { root, pool, signal, concurrency: 1, untilEmpty: true };
    await assert.rejects(work(queue, { ...one, onEvent }), thrown);
    await work(queue, one);
    assert.equal((await queueStatus(queue)).done, 2);
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });

  it("is worked on and shown by the command", async () => {
    const env = { ...process.env, FRAMEPOOL_REDIS: redis };
    const run = (...args: readonly string[]): ReturnType<typeof framepool> =>
      framepool(["queue", ...args, "--queue", "command"], { cwd: root, env });
    const added = await run("add", ...inputs, "--count", "3", "--inputs-per-shard", "2", "--to", "by-command");
    assert.equal(added.stderr, "framepool: 2 shards added\n");
    const worked = await run("work", "--root", root, "--until-empty");
    assert.equal(worked.code, 0, worked.stderr);
    assert.match(worked.stderr, /2 shards made, 9 samples\n$/);
    const { stdout } = await run("status", "--json");
    assert.equal((JSON.parse(stdout) as { done: number }).done, 2);
    assert.match((await run("status")).stdout, /█{40} 2 of 2 shards\nwaiting 0, under way 0, given up 0; 9 samples/);
    assert.deepEqual(contents(join(root, "by-command")), contents(join(root, "set")));
  });

  it(`keeps every sample once while workers are killed and the server is restarted: ${videos} videos`, async (t) => {
    const list = Array.from({ length: videos }, (_, i) => `${i % 3}.mp4`);
    // Names differ, so that no two inputs are one.
    const named = list.map((name, i) => {
      const own = `v${i}.mp4`;
      copyFileSync(join(root, name), join(root, own));
      return own;
    });
    writeFileSync(join(root, "v7.mp4"), "broken");
    const set = { select: { count: 8 }, inputsPerShard: 4 };
    const here = process.cwd();
    process.chdir(root);
    await writeDataset(named, { ...set, to: join(root, "undisturbed"), pool });
    process.chdir(here);
    await addDataset(named, { ...set, to: "disturbed" }, { redis, name: "killed" });
    const env = { ...process.env, FRAMEPOOL_REDIS: redis };
    const begin = (): ChildProcess => launch(["queue", "work", "--root", root, "--queue", "killed"], { env });
    const workers = [begin(), begin(), begin()];
    let restarted = false;
    let kills = 0;
    for (;;) {
      // All may be done within five seconds: the first one is killed as soon as something is.
      let status = await queueStatus({ redis, name: "killed" });
      for (; status.done === 0; status = await queueStatus({ redis, name: "killed" })) await sleep(50);
      if (status.waiting + status.active === 0) break;
      // Anyone of them: were it always the oldest, to which Redis gives what it has, none would ever live long enough on a slow machine.
      const place = randomInt(workers.length);
      if (workers[place]?.kill("SIGKILL") === true) kills++;
      workers[place] = begin();
      if (!restarted) {
        await server.kill();
        await server.start();
        restarted = true;
      }
      await sleep(5000);
    }
    for (const worker of workers) {
      const exited = once(worker, "exit");
      worker.kill("SIGKILL");
      await exited;
    }
    // What the killed ones left is taken away by whoever comes next.
    await work({ redis, name: "killed" }, { root, pool, untilEmpty: true });
    const left = Object.entries(contents(join(root, "disturbed"))).filter(([name]) => !name.endsWith(".part"));
    assert.deepEqual(Object.fromEntries(left), contents(join(root, "undisturbed")));
    assert.ok(restarted, "the server was restarted");
    t.diagnostic(`${kills} workers killed, the server once`);
  });

  it("ends", async () => {
    await server.kill();
  });
});
