/** What the queue must know of a waiting job. */
export interface Waiting {
  /** Slots that already hold what the job needs. */
  readonly prefer: ReadonlySet<number>;
  /** The only slot that may take it, while that slot's thread lives. */
  pin: number | undefined;
}

interface Place<T> {
  readonly job: T;
  /** Younger jobs that went first when this was the oldest that any slot could take. */
  overtakers: number;
}

/** How far a slot looks past older jobs for one that it is prepared for. */
const lookAhead = 16;
/** Who goes on and on must not keep the others waiting for ever. */
const mostOvertakers = 4;

/** Jobs that wait for a slot, oldest first. */
export class JobQueue<T extends Waiting> {
  #waiting: Place<T>[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  add(job: T): void {
    this.#waiting.push({ job, overtakers: 0 });
  }

  /** One that was taken before: older than all others. */
  putBack(job: T): void {
    this.#waiting.unshift({ job, overtakers: 0 });
  }

  remove(job: T): boolean {
    return this.#removeAt(this.#waiting.findIndex((place) => place.job === job)) !== undefined;
  }

  /**
   * The job for a slot: the oldest that is pinned to it or, near enough, prefers it, else the oldest that may go anywhere;
   * that one first once it was overtaken often enough. Not one that `suits` refuses: then none.
   */
  take(slot: number, suits: (job: T) => boolean = () => true): T | undefined {
    const oldest = this.#waiting.findIndex(({ job }) => job.pin === undefined);
    const suited = this.#suitedTo(slot);
    const overtaken = this.#waiting[oldest];
    const mayOvertake = overtaken === undefined || overtaken.overtakers < mostOvertakers;
    const at = suited >= 0 && mayOvertake ? suited : oldest;
    const chosen = this.#waiting[at];
    if (chosen === undefined || !suits(chosen.job)) return undefined;
    if (overtaken !== undefined && at > oldest) overtaken.overtakers++;
    return this.#removeAt(at);
  }

  /** Frees the jobs that only one slot might take to go anywhere. */
  unpin(slot: number): void {
    for (const { job } of this.#waiting) if (job.pin === slot) job.pin = undefined;
  }

  clear(): T[] {
    const all = this.#waiting.map(({ job }) => job);
    this.#waiting = [];
    return all;
  }

  /** -1 when there is none. */
  #suitedTo(slot: number): number {
    let seen = 0;
    return this.#waiting.findIndex(
      ({ job: { pin, prefer } }) => pin === slot || (pin === undefined && seen++ < lookAhead && prefer.has(slot)),
    );
  }

  #removeAt(at: number): T | undefined {
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0]?.job;
  }
}
