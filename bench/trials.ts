import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchCase } from "./cases.js";
import { output } from "./commands.js";
import { type Contender, programOf } from "./contenders/registry.js";
import { type Media, freshCopies } from "./media.js";
import type { Absence, Answer, Order, Timing, TrialReport, Work } from "./model.js";

/** A contender in a case. */
export interface Pair {
  readonly benchCase: BenchCase;
  readonly contender: Contender;
}

/** Runs the trials of one benchmark: each in a process of its own, one after the other. */
export class Trials {
  readonly #media: Media;
  readonly #scratch = mkdtempSync(join(tmpdir(), "framepool-bench-"));

  constructor(media: Media) {
    this.#media = media;
    process.on("exit", () => {
      rmSync(this.#scratch, { recursive: true, force: true });
    });
  }

  workOf(benchCase: BenchCase): Work {
    return benchCase.work(this.#media.facts[benchCase.video].frames);
  }

  /** What the contender finds, without timing. */
  check(pair: Pair): Answer {
    return this.#run(pair, "check", 1).answer;
  }

  /** Warms up and times `iterations` runs. Throws when the answer is not the one of the check. */
  time(pair: Pair, round: number, iterations: number, checked: Answer): Timing {
    const load = loadavg()[0] ?? 0;
    const { wallMs, cpuMs, peakRssMb, answer } = this.#run(pair, "time", 1 + iterations);
    const complaint = difference({ ...answer, pixels: checked.pixels }, checked);
    if (complaint !== undefined) throw new Error(`when timed ${complaint}`);
    return { case: pair.benchCase.name, contender: pair.contender.name, round, wallMs, cpuMs, peakRssMb, load };
  }

  #run({ benchCase, contender }: Pair, task: Order["task"], runs: number): TrialReport {
    const folder = mkdtempSync(join(this.#scratch, "trial-"));
    try {
      const work = this.workOf(benchCase);
      const sources = freshCopies(this.#media.files[benchCase.video], folder, runs);
      const order: Order = { contender: contender.name, work, task, sources };
      const { command, args, environment } = programOf(contender, work);
      const orderFile = join(folder, "order.json");
      writeFileSync(orderFile, JSON.stringify(order));
      const said = output(command, [...args, orderFile], { ...environment, TMPDIR: folder });
      return JSON.parse(said.trim().split("\n").at(-1) ?? "") as TrialReport;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Sums of doubles in another order differ in the last digits. */
const ptsTolerance = 1e-3;

/** How an answer differs from the one that it should be, in words; undefined where what both tell agrees. */
export function difference(answer: Answer, expected: Answer): string | undefined {
  if (answer.frames !== expected.frames) return `${answer.frames} frames, not ${expected.frames}`;
  const [ptsSum, expectedPts] = [answer.ptsSum, expected.ptsSum];
  if (ptsSum !== null && expectedPts !== null && Math.abs(ptsSum - expectedPts) > ptsTolerance) {
    return `other times: they add up to ${ptsSum} s, not ${expectedPts} s`;
  }
  const [pixels, expectedPixels] = [answer.pixels, expected.pixels];
  return pixels !== null && expectedPixels !== null && pixels !== expectedPixels
    ? `other pixels: ${pixels}, not ${expectedPixels}`
    : undefined;
}

/** As many frames, each within a quarter of a second on average. */
export function near(answer: Answer, expected: Answer): boolean {
  const apart = Math.abs((answer.ptsSum ?? NaN) - (expected.ptsSum ?? NaN));
  return answer.frames === expected.frames && apart <= 0.25 * expected.frames;
}

export function absence({ benchCase, contender }: Pair, error: unknown): Absence {
  const reason = error instanceof Error ? error.message : String(error);
  return { contender: contender.name, case: benchCase.name, reason, failed: true };
}
