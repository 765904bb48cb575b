import type { Results, Timing } from "./model.js";

/** Of all runs in all rounds of a contender in a case. */
export interface Row {
  readonly case: string;
  readonly contender: string;
  readonly title: string;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly cpuMs: number;
  readonly peakRssMb: number;
  readonly runs: number;
}

/** By case in their order, the fastest first. */
export function rows(results: Results): Row[] {
  return results.cases.flatMap(({ name }) =>
    results.contenders
      .flatMap(({ name: contender, title }) => {
        const timings = results.timings.filter((timing) => timing.case === name && timing.contender === contender);
        return timings.length === 0 ? [] : [{ ...rowOf(timings), case: name, contender, title }];
      })
      .sort((a, b) => a.medianMs - b.medianMs),
  );
}

function rowOf(timings: readonly Timing[]): Omit<Row, "case" | "contender" | "title"> {
  const walls = timings.flatMap(({ wallMs }) => wallMs);
  return {
    medianMs: median(walls),
    leastMs: Math.min(...walls),
    mostMs: Math.max(...walls),
    cpuMs: median(timings.flatMap(({ cpuMs }) => cpuMs)),
    peakRssMb: Math.max(...timings.map(({ peakRssMb }) => peakRssMb)),
    runs: walls.length,
  };
}

/** Times of a contender over those of the best of others, round by round: what disturbs a round disturbs both. */
export interface Ratio {
  readonly case: string;
  readonly ours: string;
  readonly others: string;
  /** Median of the rounds; then the least and the most of them. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** `others`: a contender, or the first words of the names of several. */
export function ratios(results: Results, ours: string, others: string, of: "wallMs" | "cpuMs"): Ratio[] {
  const timeOf = (timing: Timing): number => median(timing[of]);
  return results.cases.flatMap(({ name }) => {
    const timings = results.timings.filter((timing) => timing.case === name);
    const each = [...new Set(timings.map(({ round }) => round))].flatMap((round) => {
      const inRound = timings.filter((timing) => timing.round === round);
      const own = inRound.find(({ contender }) => contender === ours);
      const rivals = inRound.filter(({ contender }) => `${contender}-`.startsWith(`${others}-`)).map(timeOf);
      return own === undefined || rivals.length === 0 ? [] : [timeOf(own) / Math.min(...rivals)];
    });
    if (each.length === 0) return [];
    return [{ case: name, ours, others, median: median(each), least: Math.min(...each), most: Math.max(...each) }];
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
