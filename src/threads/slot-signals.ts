import { type WorkerSetup, placeOf } from "../protocol/job.js";

/** What the pool tells its workers, and they tell it, while they do a job: memory that all of them share, by slot. */
export class SlotSignals implements Omit<WorkerSetup, "cache"> {
  readonly cancelled: Int32Array;
  readonly waiting: Int32Array;
  readonly stalled: Int32Array;

  constructor(slots: number) {
    const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
    this.cancelled = shared(2 * slots);
    this.waiting = shared(2 * slots);
    this.stalled = shared(slots);
  }

  cancel(slot: number, ticket: number): void {
    Atomics.store(this.cancelled, placeOf(slot, ticket), ticket);
  }

  /** Whether a job with this ticket could wait: not while an earlier one in the same place has not begun. */
  hasPlace(slot: number, ticket: number): boolean {
    return Atomics.load(this.waiting, placeOf(slot, ticket)) === 0;
  }

  /** The job is about to be given to a thread that is busy. */
  wait(slot: number, ticket: number): void {
    Atomics.store(this.waiting, placeOf(slot, ticket), ticket);
  }

  /** Takes a waiting job back: its worker skips it. False when it has begun. */
  takeBack(slot: number, ticket: number): boolean {
    return Atomics.compareExchange(this.waiting, placeOf(slot, ticket), ticket, 0) === ticket;
  }

  /** Its worker does more than to wait for bytes. */
  isWorking(slot: number): boolean {
    return this.stalled[slot] !== 1;
  }

  /** Its thread is gone. */
  reset(slot: number): void {
    Atomics.store(this.stalled, slot, 0);
    this.waiting.fill(0, 2 * slot, 2 * slot + 2);
  }
}
