/** A job, and how many cores it decodes on: one, or several by FFmpeg's frame threads. */
export interface Scheduled<T> {
  readonly job: T;
  readonly cores: number;
}

/** FFmpeg gains little from more frame threads than this. */
const mostThreads = 16;

/**
 * Frame threads that keep so many cores busy: each waits for rows of the picture before, and one picture is being converted
 * meanwhile, so two more than cores (1080p H.264 on two cores: two threads 1.5 to 1.7 times as fast as one, four 1.65 to 1.8).
 */
export const frameThreads = (cores: number): number => (cores > 1 ? Math.min(mostThreads, cores + 2) : 1);

/** Packets below which starting threads costs more than they give. */
const leastCost = 16;
/** Frame threads that gain less than this part of the whole are not worth their memory. */
const leastGain = 0.03;

/** How much faster frame threads on so many cores decode one run: about 1.7 times on two. */
const speedup = (cores: number): number => cores ** 0.77;

/**
 * Spreads jobs over idle cores so that all of them end together, in the order to begin them: the longest first, one core
 * each; where that would leave cores waiting at the end (five long jobs on two cores, one job on any number), the shortest
 * ones come last and share the cores by frame threads. Costs in packets.
 */
export function schedule<T extends { readonly cost: number }>(jobs: readonly T[], cores: number): Scheduled<T>[] {
  const order = [...jobs].sort((a, b) => b.cost - a.cost);
  const costs = order.map(({ cost }) => cost);
  let best = spread(costs, cores);
  let shared = 0;
  let most = 1;
  for (let tail = 1; tail <= Math.min(order.length, Math.floor(cores / 2)); tail++) {
    const first = order.length - tail;
    const longest = costs[first] ?? 0;
    const each = Math.min(mostThreads, Math.floor(cores / tail));
    const span = spread(costs.slice(0, first), cores) + longest / speedup(each);
    if (longest < leastCost || span > best * (1 - leastGain)) continue;
    best = span;
    shared = tail;
    most = each;
  }
  return order.map((job, place) => ({ job, cores: place < order.length - shared ? 1 : most }));
}

/** When the last core ends, if each takes the next job as soon as it is free. */
function spread(costs: readonly number[], cores: number): number {
  const ends = new Array<number>(Math.max(1, Math.min(cores, costs.length))).fill(0);
  for (const cost of costs) {
    const earliest = Math.min(...ends);
    ends[ends.indexOf(earliest)] = earliest + cost;
  }
  return Math.max(...ends);
}
