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

  remove(job: T): boolean {
    return this.#removeAt(this.#waiting.findIndex((place) => place.job === job)) !== undefined;
  }

  /**
   * The job for a free slot: the oldest that is pinned to it or, near enough, prefers it, else the oldest that may go
   * anywhere; that one first once it was overtaken often enough.
   */
  take(slot: number): T | undefined {
    const at = this.#waiting.findIndex(({ job }) => job.pin === undefined);
    const oldest = this.#waiting[at];
    const suited = this.#suitedTo(slot);
    if (oldest === undefined) return this.#removeAt(suited);
    if (suited < 0 || oldest.overtakers >= mostOvertakers) return this.#removeAt(at);
    if (suited > at) oldest.overtakers++;
    return this.#removeAt(suited);
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
