import type { FrameIndex } from "../../protocol/frame-index.js";
import { sorted } from "../../protocol/sorted.js";

/** Frames for one worker: ascending, equal ones next to each other, each with the row that it goes to. */
export interface PlannedJob {
  readonly targets: Int32Array;
  readonly rows: Int32Array;
  /** Packets to decode, and what writing the pictures costs, in packets. */
  readonly cost: number;
}

type PlanIndex = Pick<FrameIndex, "start" | "lastPacket">;

/**
 * A wanted picture takes the time of so many packets more: it is converted, into memory that may be fresh, and had it not
 * been wanted it might not have been decoded. 1080p H.264: 1.2 into memory that was used before, 2.4 into fresh.
 */
const costOfPicture = 1.5;
/** Packets below which a job is not worth its own. */
const leastCost = 24;

/**
 * Cuts the wanted frames into jobs: sorted, cut only at key frames, so that no picture is decoded twice, short runs joined
 * so that there are about `most` jobs. `wanted` in the caller's order; row i of the output is for `wanted[i]`.
 */
export function planFrames(index: PlanIndex, wanted: Int32Array, most: number): PlannedJob[] {
  const { values: targets, positions: rows } = sorted(wanted, index.start.length);
  const runs = runsOf(index, targets);
  const total = runs.reduce((sum, { cost }) => sum + cost, 0);
  const share = Math.max(leastCost, total / most);
  const jobs: PlannedJob[] = [];
  let first = 0;
  let sum = 0;
  const cut = (end: number): void => {
    const isWhole = end - first === targets.length;
    if (isWhole && end > 0) jobs.push({ targets, rows, cost: sum });
    else if (end > first) jobs.push({ targets: targets.slice(first, end), rows: rows.slice(first, end), cost: sum });
    first = end;
    sum = 0;
  };
  for (const { begin, end, cost } of runs) {
    // A long run is a job of its own: short ones before it go to others.
    if (cost >= share) cut(begin);
    sum += cost;
    if (sum >= share) cut(end);
  }
  cut(targets.length);
  return jobs;
}

/** Joins neighbours, those that cost least, until there are at most so many jobs. */
export function joinJobs(jobs: readonly PlannedJob[], most: number): PlannedJob[] {
  const joined = [...jobs];
  while (joined.length > Math.max(1, most)) {
    const sums = joined.slice(1).map(({ cost }, i) => cost + (joined[i]?.cost ?? 0));
    const first = sums.indexOf(Math.min(...sums));
    const [a, b] = joined.slice(first, first + 2);
    if (a === undefined || b === undefined) break;
    joined.splice(first, 2, {
      targets: concat(a.targets, b.targets),
      rows: concat(a.rows, b.rows),
      cost: a.cost + b.cost,
    });
  }
  return joined;
}

function concat(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The targets that one pass from one key frame yields, from `begin` up to but not including `end`, and what they cost. */
interface Run {
  readonly begin: number;
  readonly end: number;
  readonly cost: number;
}

function runsOf({ start: starts, lastPacket }: PlanIndex, targets: Int32Array): Run[] {
  const runs: Run[] = [];
  let begin = 0;
  while (begin < targets.length) {
    const first = at(targets, begin);
    const start = at(starts, first);
    let end = begin + 1;
    let last = at(lastPacket, first);
    for (let before = first; end < targets.length; end++) {
      const target = at(targets, end);
      if (target === before) continue;
      if (at(starts, target) !== start) break;
      last = Math.max(last, at(lastPacket, target));
      before = target;
    }
    runs.push({ begin, end, cost: last - start + 1 + costOfPicture * (end - begin) });
    begin = end;
  }
  return runs;
}

/** For one type of array: of several, the engine would look at each time which one it has. */
function at(values: Int32Array, i: number): number {
  return values[i] ?? 0;
}
