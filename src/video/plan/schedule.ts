/** A job, and how many cores it decodes on: one, or several by FFmpeg's frame threads. */
interface Scheduled<T> {
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

/** An order that ends within this part of the best that could be is good enough. */
const closeEnough = 0.01;
/** Steps that trying other orders may take in all: about a millisecond. */
const mostSteps = 200_000;

/**
 * Spreads jobs over idle cores so that all of them end together, in the order to begin them: the longest first, or what ends
 * earlier than that, one core each; where cores would still wait at the end (five long jobs on two cores, one job on any
 * number), the shortest ones come last and share the cores by frame threads. Costs in packets.
 */
export function schedule<T extends { readonly cost: number }>(jobs: readonly T[], cores: number): Scheduled<T>[] {
  const order = [...jobs].sort((a, b) => b.cost - a.cost);
  let best = spread(order, cores);
  let shared = 0;
  let most = 1;
  for (let tail = 1; tail <= Math.min(order.length, Math.floor(cores / 2)); tail++) {
    const first = order.length - tail;
    const longest = order[first]?.cost ?? 0;
    if (longest < leastCost) continue;
    const each = Math.min(mostThreads, Math.floor(cores / tail));
    const span = spread(order.slice(0, first), cores) + longest / speedup(each);
    if (span > best * (1 - leastGain)) continue;
    best = span;
    shared = tail;
    most = each;
  }
  const alone = order.length - shared;
  return [
    ...arrange(order.slice(0, alone), cores).map((job) => ({ job, cores: 1 })),
    ...order.slice(alone).map((job) => ({ job, cores: most })),
  ];
}

/**
 * Swaps jobs, the longest first as they come, as long as the last core then ends earlier: 3 3 2 2 2 on two cores takes 7,
 * and 3 2 2 3 2 takes 6.
 */
function arrange<T extends { readonly cost: number }>(sorted: readonly T[], cores: number): readonly T[] {
  const order = [...sorted];
  const total = sorted.reduce((sum, { cost }) => sum + cost, 0);
  const enough = (1 + closeEnough) * Math.max(sorted[0]?.cost ?? 0, total / Math.max(1, cores));
  let tries = mostSteps / Math.max(1, order.length * cores);
  let span = spread(order, cores);
  for (let before = Infinity; span < before;) {
    before = span;
    for (let i = 0; i < order.length; i++) {
      for (let j = i + 1; j < order.length; j++) {
        if (order[i]?.cost === order[j]?.cost) continue;
        if (span <= enough || tries-- <= 0) return order;
        swap(order, i, j);
        const swapped = spread(order, cores);
        if (swapped < span) span = swapped;
        else swap(order, i, j);
      }
    }
  }
  return order;
}

function swap(list: unknown[], i: number, j: number): void {
  [list[i], list[j]] = [list[j], list[i]];
}

/** When the last core ends, if each takes the next job as soon as it is free. */
function spread(jobs: readonly { readonly cost: number }[], cores: number): number {
  const ends = new Array<number>(Math.max(1, Math.min(cores, jobs.length))).fill(0);
  for (const { cost } of jobs) {
    const earliest = Math.min(...ends);
    ends[ends.indexOf(earliest)] = earliest + cost;
  }
  return Math.max(...ends);
}
