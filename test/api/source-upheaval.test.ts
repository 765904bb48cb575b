import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hangMs } from "../support/hang.js";
import { plain, plainMkv } from "./support/clips.js";
import { reportsOf } from "./support/script.js";

/** A thousand take minutes: see CONTRIBUTING.md. */
const rounds = Number(process.env["FRAMEPOOL_TEST_UPHEAVALS"] ?? 100);

describe("workers that die and pools that close in the middle of reads", () => {
  it("leave no promise unsettled, crash nothing, and let the process end", async () => {
    const reports = await reportsOf(
      `
      import { readFileSync } from "node:fs";
      const [paths, rounds] = args;
      const files = paths.map((path) => readFileSync(path));
      const threads = new Set();
      process.on("worker", (thread) => {
        threads.add(thread);
        thread.once("exit", () => threads.delete(thread));
      });
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      let state = 7;
      const random = (below) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below;
      const source = (bytes) => ({
        size: bytes.length,
        async read(position, length) {
          // In small pieces, each after a while: most of the time somebody waits.
          await sleep(random(3));
          return bytes.subarray(position, position + Math.min(length, 2000));
        },
      });
      const outcomes = {};
      const count = (outcome) => (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
      let pool;
      for (let round = 0; round < rounds; round++) {
        pool ??= new DecoderPool({ workers: 2 });
        // Its threads run.
        await Promise.all([0, 1].map(async () => (await pool.openVideo(paths[1])).close()));
        const calls = files.flatMap((bytes) => [0, 1].map(async (i) => {
          const video = await pool.openVideo(source(bytes), { seekMode: i === 0 ? "exact" : "approximate" });
          const batch = await video.getFramesAt([0, 20, 49]);
          if (batch.length !== 3) throw new Error("too few");
        }));
        const settled = calls.map((call) => call.then(() => count("done"), ({ code }) => count(code)));
        await sleep(random(80));
        const closes = round % 4 === 3;
        if (closes) void pool.close();
        else await Promise.all([...threads].map((thread) => thread.terminate()));
        await Promise.all(settled);
        if (!closes) continue;
        await pool.close();
        pool = undefined;
      }
      await pool?.close();
      report(outcomes);`,
      [[plain.path(), plainMkv()], rounds],
      { deadlineMs: hangMs + 3000 * rounds },
    );
    const [outcomes] = reports as [Record<string, number>];
    const codes = Object.keys(outcomes).sort();
    assert.deepEqual(
      codes.filter((code) => !["done", "E_CLOSED", "E_WORKER_LOST"].includes(code)),
      [],
    );
    assert.ok(
      (outcomes["E_CLOSED"] ?? 0) > rounds / 5 && (outcomes["E_WORKER_LOST"] ?? 0) > rounds / 5,
      JSON.stringify(outcomes),
    );
    assert.equal(
      Object.values(outcomes).reduce((sum, n) => sum + n),
      4 * rounds,
    );
  });
});
