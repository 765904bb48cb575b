import { at, type FrameIndex } from "../protocol/frame-index.js";

/** Frames for one worker: ascending, equal ones next to each other, each with the row that it goes to. */
export interface PlannedJob {
  readonly targets: Int32Array;
  readonly rows: Int32Array;
  /** Packets to decode. */
  readonly cost: number;
}

type PlanIndex = Pick<FrameIndex, "start" | "lastPacket">;

/** More jobs than workers even out what the costs do not tell; too many cost seeks. */
const usualJobsPerWorker = 3;
/** Packets below which a job is not worth its own. */
const leastCost = 24;

/**
 * Spreads the wanted frames over workers: sorted, cut only at key frames, so that no picture is decoded twice, and
 * joined to jobs of about one cost. `wanted` in the caller's order; row i of the output is for `wanted[i]`.
 */
export function planFrames(
  index: PlanIndex,
  wanted: Int32Array,
  workers: number,
  jobsPerWorker = usualJobsPerWorker,
): PlannedJob[] {
  const rows = Int32Array.from(wanted, (_, i) => i).sort((a, b) => at(wanted, a) - at(wanted, b) || a - b);
  const targets = rows.map((row) => at(wanted, row));
  const runs = runsOf(index, targets);
  const total = runs.reduce((sum, run) => sum + run.cost, 0);
  const share = Math.max(leastCost, total / (workers * jobsPerWorker));
  const jobs: PlannedJob[] = [];
  let begin = 0;
  let cost = 0;
  runs.forEach((run, i) => {
    cost += run.cost;
    if (cost < share && i + 1 < runs.length) return;
    jobs.push({ targets: targets.slice(begin, run.end), rows: rows.slice(begin, run.end), cost });
    begin = run.end;
    cost = 0;
  });
  return jobs;
}

/** Frames that one pass from one key frame yields, up to but not including `end`. */
interface Run {
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
    runs.push({ end, cost: last - start + 1 });
    begin = end;
  }
  return runs;
}
