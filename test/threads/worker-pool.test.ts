import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { after, describe, it, mock } from "node:test";
import type { Worker } from "node:worker_threads";
import type { ExtractJob, OpenJob } from "../../src/protocol/video.js";
import { WorkerPool } from "../../src/threads/worker-pool.js";
import { plain, slow } from "../api/support/clips.js";

function poolOf(threads: number): WorkerPool {
  const pool = new WorkerPool(threads, 2 ** 26);
  after(() => pool.close());
  return pool;
}

const base = {
  saved: undefined,
  keep: false,
  readerKey: undefined,
  open: { streamIndex: -1, maxPixels: 2 ** 24, maxStreams: 10, maxIndexPackets: 1e6, codecs: [] },
} as const;

const file = (path: string) => ({ kind: "file", path, identity: undefined }) as const;

/** Nothing is put behind it, or it behind others, in a thread. */
const opening = (path: string): OpenJob => ({
  ...base,
  kind: "open",
  source: file(path),
  index: undefined,
  wantIndex: "none",
});

/** Takes a second or so, unless it is cancelled. */
const long = (): ExtractJob => ({
  ...base,
  kind: "extract",
  source: file(slow.path()),
  selection: { by: "indices", indices: [-1], clamp: false },
  request: { pixelFormat: "rgb24", dtype: "uint8", dimensionOrder: "NHWC", transforms: [] },
  onError: "throw",
  maxOutputBytes: 2 ** 30,
  threads: 1,
  room: 2 ** 30,
  output: undefined,
});

const label = "a file";

describe("jobs of a pool's threads", () => {
  it("leave nothing behind at their signal, however they end", async () => {
    const pool = poolOf(1);
    const { signal } = new AbortController();
    await pool.run(opening(plain.path()), { label, signal }).result;
    await assert.rejects(pool.run(opening("nowhere.mp4"), { label, signal }).result, { code: "E_NOT_FOUND" });
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });

  it("that wait are gone from the queue, and settled, as soon as they are cancelled", async () => {
    const pool = poolOf(1);
    const stop = new AbortController();
    const busy = pool.run(long(), { label, signal: stop.signal });
    const waits = new AbortController();
    const waiting = [1, 2, 3].map(() => pool.run(opening(plain.path()), { label, signal: waits.signal }));
    assert.equal(pool.counts.queued, 3);
    waits.abort();
    assert.deepEqual([pool.counts.queued, pool.counts.busy], [0, 1]);
    for (const { result } of waiting) await assert.rejects(result, { name: "AbortError" });
    await Promise.all(waiting.map(({ settled }) => settled));
    assert.equal(pool.counts.busy, 1, "the one before them is still at work");
    stop.abort();
    await assert.rejects(busy.result, { name: "AbortError" });
    await busy.settled;
  });

  it("are at work in as many threads at a time as the pool has, and no more", async () => {
    for (const threads of [1, 2]) {
      const pool = poolOf(threads);
      const busy: number[] = [];
      const onWait = (waits: boolean): void => {
        if (!waits) queueMicrotask(() => busy.push(pool.counts.busy));
      };
      const jobs = Array.from({ length: 8 }, () => pool.run(opening(plain.path()), { label, onWait }));
      await Promise.all(jobs.map(({ result }) => result));
      assert.equal(Math.max(...busy), threads);
      assert.equal(pool.counts.threads, threads);
    }
  });

  it("have ended when the threads of a pool that is closed are", async () => {
    const pool = poolOf(2);
    const atTheEnd: number[] = [];
    const watch = (worker: Worker): void => {
      const terminate = worker.terminate.bind(worker);
      mock.method(worker, "terminate", () => {
        atTheEnd.push(pool.counts.busy);
        return terminate();
      });
    };
    process.on("worker", watch);
    await Promise.all([1, 2].map(() => pool.run(opening(plain.path()), { label }).result));
    process.off("worker", watch);
    const jobs = [1, 2].map(() => pool.run(long(), { label }));
    const outcomes = Promise.allSettled(jobs.map(({ result }) => result));
    assert.equal(pool.counts.busy, 2);
    await pool.close();
    assert.deepEqual(atTheEnd, [0, 0]);
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === "rejected");
      assert.equal((outcome.reason as { readonly code?: string }).code, "E_CLOSED");
    }
  });

  it("close a reader in each thread that has it open", async () => {
    const pool = poolOf(2);
    const path = plain.path();
    const isOpen = (): boolean =>
      readdirSync("/proc/self/fd").some((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false;
        }
      });
    const jobs = [1, 2].map(() => pool.run({ ...opening(path), readerKey: "it" }, { label }));
    await Promise.all(jobs.map(({ result }) => result));
    assert.equal(pool.counts.openReaders, 2);
    if (existsSync("/proc/self/fd")) assert.ok(isOpen());
    await pool.drop("it");
    assert.equal(pool.counts.openReaders, 0);
    if (existsSync("/proc/self/fd")) assert.ok(!isOpen());
  });
});
