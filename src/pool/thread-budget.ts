/** FFmpeg gains little from more frame threads than this. */
const mostThreads = 16;
/** Packets below which starting threads costs more than they give. */
const leastCost = 16;

/**
 * Threads for each of a request's jobs: one, and where there are fewer jobs than idle workers, the cores that would
 * otherwise wait while one video is decoded.
 */
export function threadsFor(jobs: number, idle: number, cost: number): number {
  if (cost < leastCost * Math.max(1, jobs)) return 1;
  return Math.min(mostThreads, Math.max(1, Math.floor(idle / Math.max(1, jobs))));
}
