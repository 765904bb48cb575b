import { readFileSync } from "node:fs";
import { Bench } from "tinybench";
import type { MicroResult } from "../model.js";

export interface Measured {
  readonly name: string;
  /** What one operation is, and how many of them a run does. */
  readonly per: string;
  readonly operations: number;
  /** May say itself how long it took, in milliseconds, where the wall clock is not what counts. */
  readonly run: () => unknown;
}

/** Times each and prints a result a line. In a quick run a few times only. */
export async function measure(group: string, all: readonly Measured[]): Promise<void> {
  const quick = process.argv.includes("--quick");
  const bench = new Bench({
    time: quick ? 20 : 1000,
    iterations: quick ? 3 : 20,
    warmupTime: quick ? 5 : 200,
    warmupIterations: 2,
    throws: true,
  });
  for (const { name, run } of all) bench.add(name, run);
  await bench.run();
  for (const [i, { result }] of bench.tasks.entries()) {
    const measured = all[i];
    if (measured === undefined || result.state !== "completed") throw new Error(`${group}: not measured`);
    const { name, per, operations } = measured;
    const { p50, p99, samplesCount } = result.latency;
    const scale = 1000 / operations;
    const line: MicroResult = { group, name, per, medianUs: p50 * scale, p99Us: p99 * scale, samples: samplesCount };
    console.log(JSON.stringify(line));
  }
}

/**
 * Milliseconds that the main thread has run, other threads and waiting not counted. Where the kernel does not tell it,
 * the time in which its event loop was not idle, which other processes lengthen.
 */
export function mainThreadMs(): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(nanoseconds) / 1e6;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}
