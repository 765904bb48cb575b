// What one file of a bulk extraction costs the main thread, which has other things to do, and the pool as a whole.
import { DecoderPool } from "../../src/index.js";
import { tiny } from "./clips.js";
import { mainThreadMs, measure } from "./measure.js";

const source = tiny.path();
const pool = new DecoderPool({ workers: 2 });
const items = 500;

async function extractAll(): Promise<void> {
  const requests = Array.from({ length: items }, () => ({ source, count: 8 }));
  for await (const { batch, error } of pool.extract(requests)) {
    if (batch === undefined) throw error;
    batch.release();
  }
}

await measure("extract", [
  {
    name: "main thread, 8 frames of a 32x32 file",
    per: "file",
    operations: items,
    run: async () => {
      const began = performance.now();
      const before = mainThreadMs();
      await extractAll();
      return { overriddenDuration: mainThreadMs() - before, overriddenIterationCost: performance.now() - began };
    },
  },
  { name: "wall time with 2 workers, the same", per: "file", operations: items, run: extractAll },
]);
await pool.close();
