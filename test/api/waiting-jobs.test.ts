import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { DecoderPool, type ExtractResult, FramepoolError } from "../../src/index.js";
import { plain, slow } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { killAll } from "./support/worker-threads.js";

const short = { source: plain.path(), indices: [3, 30] };
const long = { source: slow.path(), indices: [-1] };

/** What became of a request, once its memory is given back. */
function outcome({ batch, error }: ExtractResult): string {
  if (batch === undefined) return error instanceof FramepoolError ? error.code : String(error);
  const pixels = digest(batch);
  batch.release();
  return pixels;
}

// A worker that extracts from one small file has the next one at hand.
describe("a job that waits in a worker behind another one", () => {
  it("goes to a worker that is free before that one ends", async () => {
    const pool = testPool({ workers: 2 });
    const finished: unknown[] = [];
    const requests = [{ ...long, key: "long" }, ...Array.from({ length: 12 }, () => ({ ...short, key: "short" }))];
    for await (const result of pool.extract(requests, { ordered: false, maxInFlight: 13 })) {
      finished.push(result.key);
      outcome(result);
    }
    assert.equal(finished.length, 13);
    assert.equal(finished.at(-1), "long");
  });

  it("goes to another worker although that one never runs out of younger jobs", async () => {
    const pool = testPool({ workers: 2 });
    await collected(pool, [short, short, short, short]);
    let over = false;
    const endless = function* (): Generator<typeof short> {
      while (!over) yield short;
    };
    const busy = (async (): Promise<void> => {
      for await (const result of pool.extract(endless(), { maxInFlight: 6 })) outcome(result);
    })();
    const finished: unknown[] = [];
    const requests = [{ ...long, key: "long" }, ...Array.from({ length: 6 }, () => ({ ...short, key: "short" }))];
    for await (const result of pool.extract(requests, { ordered: false, maxInFlight: 7 })) {
      finished.push(result.key);
      outcome(result);
    }
    over = true;
    await busy;
    assert.equal(finished.length, 7);
    assert.equal(finished.at(-1), "long");
  });

  it("is done by another thread when that one dies", async () => {
    const pool = new DecoderPool({ workers: 1 });
    const [expected] = await collected(pool, [short]);
    const pending = collected(pool, [long, short, short, short]);
    await turn();
    await turn();
    await killAll();
    assert.deepEqual(await pending, ["E_WORKER_LOST", expected, expected, expected]);
    await pool.close();
  });

  it("is cancelled alone, and the others are what they are, however loops are left", async () => {
    const pool = testPool({ workers: 2 });
    const [expected] = await collected(pool, [short]);
    for (let round = 0; round < 20; round++) {
      const whole = collected(pool, new Array(8).fill(short));
      const stopped = new AbortController();
      const aborted = collected(pool, new Array(40).fill(short), stopped.signal).catch((error: unknown) => error);
      for await (const result of pool.extract(new Array(8).fill(short), { maxInFlight: 6 })) {
        assert.equal(outcome(result), expected);
        if (round % 3 > 0) break;
      }
      stopped.abort("enough");
      assert.equal(await aborted, "enough");
      assert.deepEqual(await whole, new Array(8).fill(expected));
    }
  });

  it("ends with E_CLOSED when the pool is closed", async () => {
    const pool = new DecoderPool({ workers: 1 });
    const [expected] = await collected(pool, [short]);
    const pending = collected(pool, [short, long, short, short]);
    await pool.close();
    for (const result of await pending) assert.ok(result === "E_CLOSED" || result === expected, result);
    assert.equal((await pending).at(-1), "E_CLOSED");
  });
});

async function collected(
  pool: DecoderPool,
  requests: readonly { readonly source: string; readonly indices: readonly number[] }[],
  signal?: AbortSignal,
): Promise<string[]> {
  const outcomes: string[] = [];
  for await (const result of pool.extract(requests, { ordered: true, maxInFlight: 4, ...(signal && { signal }) })) {
    outcomes.push(outcome(result));
  }
  return outcomes;
}
