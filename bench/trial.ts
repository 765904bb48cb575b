// trial.js ORDER.json: one contender and one case in a process of their own; prints a report.
import { readFileSync } from "node:fs";
import { Bench } from "tinybench";
import { type Outcome, Digest } from "./contenders/runner.js";
import { startRunner } from "./contenders/registry.js";
import type { Answer, Order, TrialReport } from "./model.js";

const order = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Order;
const runner = await startRunner(order.contender);
const report = order.task === "check" ? await check() : await time();
await runner.close();
console.log(JSON.stringify(report));

async function check(): Promise<TrialReport> {
  const digest = new Digest();
  const outcome = await runner.run(order.work, order.sources[0] ?? [], digest);
  await outcome.release();
  return { wallMs: [], cpuMs: [], peakRssMb: 0, answer: answerOf(outcome, digest) };
}

async function time(): Promise<TrialReport> {
  const fresh = [...order.sources];
  let files: readonly string[] = [];
  let before = process.cpuUsage();
  let outcome: Outcome | undefined;
  const cpuMs: number[] = [];
  let peakRssMb = 0;
  const bench = new Bench({
    iterations: order.sources.length - 1,
    time: 0,
    warmupIterations: 1,
    warmupTime: 0,
    retainSamples: true,
    throws: true,
  });
  bench.add(
    order.contender,
    async () => {
      outcome = await runner.run(order.work, files, null);
    },
    {
      async: true,
      beforeEach: () => {
        files = fresh.shift() ?? [];
        // What the run before left behind is not this one's to collect.
        globalThis.gc?.();
        before = process.cpuUsage();
      },
      afterEach: async (mode) => {
        const { user, system } = process.cpuUsage(before);
        if (mode === "run") cpuMs.push(outcome?.usage?.cpuMs ?? (user + system) / 1000);
        peakRssMb = Math.max(peakRssMb, outcome?.usage?.peakRssMb ?? process.resourceUsage().maxRSS / 1024);
        await outcome?.release();
      },
    },
  );
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== "completed" || outcome === undefined) throw new Error(`nothing was timed: ${result?.state}`);
  return { wallMs: result.latency.samples ?? [], cpuMs, peakRssMb, answer: answerOf(outcome, null) };
}

function answerOf({ frames, ptsSum }: Outcome, digest: Digest | null): Answer {
  return { frames, ptsSum, pixels: digest?.hex() ?? null };
}
