/** What the queue must know of a waiting job. */
export interface Waiting {
  /** Slots that already hold what the job needs. */
  readonly prefer: ReadonlySet<number>;
  /** The only slot that may take it, while that slot's thread lives. */
  pin: number | undefined;
}

/** How far a slot looks past older jobs for one that it is prepared for. */
const lookAhead = 16;

/** Jobs that wait for a slot, oldest first. */
export class JobQueue<T extends Waiting> {
  #waiting: T[] = [];

  add(job: T): void {
    this.#waiting.push(job);
  }

  remove(job: T): boolean {
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  /** The job for a free slot: one pinned to it, else a near one that prefers it, else the oldest that may go anywhere. */
  take(slot: number): T | undefined {
    let any: number | undefined;
    let seen = 0;
    for (let i = 0; i < this.#waiting.length; i++) {
      const job = this.#waiting[i];
      if (job === undefined) break;
      if (job.pin === slot) return this.#removeAt(i);
      if (job.pin !== undefined) continue;
      if (job.prefer.has(slot) && seen < lookAhead) return this.#removeAt(i);
      any ??= i;
      seen++;
    }
    return any === undefined ? undefined : this.#removeAt(any);
  }

  /** Frees the jobs that only one slot might take to go anywhere. */
  unpin(slot: number): void {
    for (const job of this.#waiting) if (job.pin === slot) job.pin = undefined;
  }

  clear(): T[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  #removeAt(i: number): T | undefined {
    return this.#waiting.splice(i, 1)[0];
  }
}
