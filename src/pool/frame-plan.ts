import { at, type FrameIndex } from "../protocol/frame-index.js";

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
  const rows = Int32Array.from(wanted, (_, i) => i).sort((a, b) => at(wanted, a) - at(wanted, b) || a - b);
  const targets = rows.map((row) => at(wanted, row));
  const runs = runsOf(index, targets);
  const total = runs.reduce((sum, run) => sum + run.cost, 0);
  const share = Math.max(leastCost, total / most);
  const jobs: PlannedJob[] = [];
  let begin = 0;
  let cost = 0;
  const cut = (end: number): void => {
    if (end > begin) jobs.push({ targets: targets.slice(begin, end), rows: rows.slice(begin, end), cost });
    begin = end;
    cost = 0;
  };
  for (const run of runs) {
    // A long run is a job of its own: short ones before it go to others.
    if (run.cost >= share) cut(run.begin);
    cost += run.cost;
    if (cost >= share) cut(run.end);
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
      targets: Int32Array.of(...a.targets, ...b.targets),
      rows: Int32Array.of(...a.rows, ...b.rows),
      cost: a.cost + b.cost,
    });
  }
  return joined;
}

/** Frames that one pass from one key frame yields, up to but not including `end`. */
interface Run {
  readonly begin: number;
  readonly end: number;
  readonly cost: number;
}

function runsOf(index: PlanIndex, targets: Int32Array): Run[] {
  const runs: Run[] = [];
  let begin = 0;
  while (begin < targets.length) {
    const start = at(index.start, at(targets, begin));
    let end = begin + 1;
    let last = at(index.lastPacket, at(targets, begin));
    while (end < targets.length && at(index.start, at(targets, end)) === start) {
      last = Math.max(last, at(index.lastPacket, at(targets, end)));
      end++;
    }
    runs.push({ begin, end, cost: last - start + 1 + costOfPicture * (end - begin) });
    begin = end;
  }
  return runs;
}
