/** A job, and how many of FFmpeg's own threads it gets. */
export interface Scheduled<T> {
  readonly job: T;
  readonly threads: number;
}

/** FFmpeg gains little from more frame threads than this. */
const mostThreads = 16;
/** Packets below which starting threads costs more than they give. */
const leastCost = 16;
/** Frame threads that gain less than this part of the whole are not worth their memory. */
const leastGain = 0.03;

/** How much faster so many frame threads decode one run: about 1.7 times with two on two cores. */
const speedup = (threads: number): number => threads ** 0.77;

/**
 * Spreads jobs over idle cores so that all of them end together, in the order to begin them: the longest first, one thread
 * each; where that would leave cores waiting at the end (five long jobs on two cores, one job on any number), the shortest
 * ones come last and share the cores as frame threads. Costs in packets.
 */
export function schedule<T extends { readonly cost: number }>(jobs: readonly T[], cores: number): Scheduled<T>[] {
  const order = [...jobs].sort((a, b) => b.cost - a.cost);
  const costs = order.map(({ cost }) => cost);
  let best = spread(costs, cores);
  let shared = 0;
  let threads = 1;
  for (let tail = 1; tail <= Math.min(order.length, Math.floor(cores / 2)); tail++) {
    const first = order.length - tail;
    const longest = costs[first] ?? 0;
    const each = Math.min(mostThreads, Math.floor(cores / tail));
    const span = spread(costs.slice(0, first), cores) + longest / speedup(each);
    if (longest < leastCost || span > best * (1 - leastGain)) continue;
    best = span;
    shared = tail;
    threads = each;
  }
  return order.map((job, place) => ({ job, threads: place < order.length - shared ? 1 : threads }));
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
