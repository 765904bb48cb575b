import type { ThreadSlot } from "./piscina.js";

/** A job that a slot's thread was given. */
export interface Given<T> {
  readonly task: T;
  readonly ticket: number;
  /** When it was given, on the clock of performance.now(). */
  readonly since: number;
}

export type ReaderKind = "pictures" | "sound";

/** Readers that a worker keeps open at most, of each kind. */
export const mostReaders = 32;
/** Even, so that tickets of one slot that follow each other are odd and even in turn. */
const lastTicket = 2 ** 31 - 2;

/** A place for one thread at a time. It does one job, and may have the next one at hand. */
export class Slot<T> implements ThreadSlot {
  readonly number: number;
  thread: number | undefined;
  unstarted: AbortController | undefined;
  running: Given<T> | undefined;
  /** Begins when `running` ends, unless it is taken back before. */
  next: Given<T> | undefined;
  /** Readers that its worker has open, but for those beyond its budget of memory; of each kind, the one used last at the end. */
  readonly #open: Readonly<Record<ReaderKind, Set<string>>> = { pictures: new Set(), sound: new Set() };
  /** Others that it may have open: of jobs that have not ended, or not well. */
  readonly #asked = new Set<string>();
  #ticket = 0;

  constructor(number: number) {
    this.number = number;
  }

  /** The ticket of the job that is given next. */
  get nextTicket(): number {
    return (this.#ticket % lastTicket) + 1;
  }

  get openReaders(): number {
    return this.#open.pictures.size + this.#open.sound.size;
  }

  give(task: T): Given<T> {
    this.#ticket = this.nextTicket;
    const given = { task, ticket: this.#ticket, since: performance.now() };
    if (this.running === undefined) this.running = given;
    else this.next = given;
    return given;
  }

  /** The job is the slot's still: it was not taken back. */
  has({ ticket }: Given<T>): boolean {
    return this.running?.ticket === ticket || this.next?.ticket === ticket;
  }

  /** The job came back; when it was running, the next one runs. False when it is not the slot's any more. */
  end(given: Given<T>): boolean {
    if (!this.has(given)) return false;
    if (this.running?.ticket === given.ticket) this.running = this.next;
    this.next = undefined;
    return true;
  }

  holds(readerKey: string): boolean {
    return this.#asked.has(readerKey) || this.#setWith(readerKey) !== undefined;
  }

  /** A job was given that opens the reader, if it is not open. */
  asks(readerKey: string): void {
    if (!this.holds(readerKey)) this.#asked.add(readerKey);
  }

  /**
   * The job ended well. What was used longest ago is closed by now: the worker keeps so many of a kind and no more. Nothing
   * changes for one that is to be closed already.
   */
  opened(readerKey: string, kind: ReaderKind): void {
    if (!this.forget(readerKey)) return;
    const open = this.#open[kind];
    open.add(readerKey);
    if (open.size <= mostReaders) return;
    const [oldest] = open;
    if (oldest !== undefined) open.delete(oldest);
  }

  /** It may be open or not: a job failed, or others closed and opened it. */
  doubt(readerKey: string): void {
    if (this.forget(readerKey)) this.#asked.add(readerKey);
  }

  /** It is to be closed. Tells whether the worker may have it open. */
  forget(readerKey: string): boolean {
    const open = this.#setWith(readerKey)?.delete(readerKey) ?? false;
    return this.#asked.delete(readerKey) || open;
  }

  /** Its thread is gone, and what it had open. */
  forgetAll(): void {
    this.#asked.clear();
    for (const open of Object.values(this.#open)) open.clear();
  }

  #setWith(readerKey: string): Set<string> | undefined {
    return Object.values(this.#open).find((open) => open.has(readerKey));
  }
}

/** What the threads of a pool do at a moment. */
export interface WorkerCounts {
  /** Threads that were started and have not ended. */
  readonly threads: number;
  readonly busy: number;
  /** Jobs that wait, some of them in a thread that does another one. */
  readonly queued: number;
  readonly openReaders: number;
}

export function countsOf(slots: readonly Slot<unknown>[], queued: number, busy: number): WorkerCounts {
  return {
    threads: slots.filter(({ thread }) => thread !== undefined).length,
    busy,
    queued: queued + slots.filter(({ next }) => next !== undefined).length,
    openReaders: slots.reduce((sum, slot) => sum + slot.openReaders, 0),
  };
}
