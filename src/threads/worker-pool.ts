import { onAbort } from "../async/abort.js";
import { logIsWanted, publishLog } from "../diagnostics.js";
import { FramepoolError } from "../errors.js";
import type { Envelope, Job, JobResults, Reply } from "../protocol/job.js";
import { toError } from "./job-error.js";
import { JobQueue } from "./job-queue.js";
import { Threads } from "./piscina.js";
import { SlotSignals } from "./slot-signals.js";
import { countsOf, type Given, mostReaders, Slot, type WorkerCounts } from "./slot.js";
import { isBrief, readerKind, type Running, type RunOptions, type Task } from "./task.js";
import { threadLost } from "./worker-files.js";

const longestTimeout = 2 ** 31 - 1;

/** How many jobs there are that have not ended. While there are any, the process stays alive: neither a starting thread nor a waiting job would keep it. */
class InFlight {
  #count = 0;
  #keepAlive: NodeJS.Timeout | undefined;
  #whenNone: () => void = () => undefined;

  begin(): void {
    this.#count++;
    this.#keepAlive ??= setInterval(() => undefined, longestTimeout);
  }

  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    this.#whenNone();
  }

  /** Until there are none, at most so long. Called once. */
  async none(mostMs: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, mostMs).unref();
      this.#whenNone = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}

/** Ticks while it is wanted; keeps no process alive. */
class Watch {
  readonly #tick: () => void;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: () => void, everyMs: number) {
    this.#tick = tick;
    this.#everyMs = everyMs;
  }

  want(isWanted: boolean): void {
    if (isWanted) {
      this.#timer ??= setInterval(this.#tick, this.#everyMs).unref();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** How long jobs that were cancelled may take to end before their threads are ended. */
const patienceMs = 2000;
/** How often jobs that wait look for a worker that came to wait itself, for bytes. */
const watchMs = 25;
/** A job that a busy thread was given goes to another one, before younger jobs, once it has waited longer than brief jobs take. */
const longWaitMs = 25;

/**
 * Threads and the jobs that wait for them. The queue is here: Piscina is only handed a job that its slot takes at once, since
 * a task that its balancer cannot place blocks those behind it. A thread with a brief job is given the next one meanwhile,
 * so that it need not sleep and be woken for every small file.
 */
export class WorkerPool {
  readonly #threads: Threads;
  readonly #slots: readonly Slot<Task>[];
  readonly #signals: SlotSignals;
  #closing: Promise<void> | undefined;
  readonly #queue = new JobQueue<Task>();
  /** Workers that decode at a time, without those that only wait for bytes. */
  readonly threads: number;
  readonly #inFlight = new InFlight();
  /** Looks at those that nobody tells of, as long as there are any: see #mustWatch. */
  readonly #watch = new Watch(() => this.#dispatch(undefined), watchMs);

  constructor(threads: number, cacheBytes: number) {
    this.threads = threads;
    // As many again: a worker that waits long for bytes gets another one beside it.
    this.#slots = Array.from({ length: 2 * threads }, (_, number) => new Slot<Task>(number));
    this.#signals = new SlotSignals(this.#slots.length);
    const { cancelled, waiting, stalled } = this.#signals;
    const cache = { readers: mostReaders, bytes: Math.floor(cacheBytes / threads) };
    this.#threads = new Threads(this.#slots, { cancelled, waiting, stalled, cache });
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Workers without a job. */
  get idle(): number {
    return Math.max(0, this.threads - this.#working());
  }

  get counts(): WorkerCounts {
    return countsOf(this.#slots, this.#queue.length, this.#working());
  }

  run<J extends Job>(job: J, options: RunOptions): Running<JobResults[J["kind"]]> {
    let settle: () => void = () => undefined;
    let ranOn: number | undefined;
    let unlink: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const result = new Promise<JobResults[J["kind"]]>((resolve, reject) => {
      const { signal, label } = options;
      const refusal = this.#isClosed ? poolClosed() : signal?.aborted ? (signal.reason as Error) : undefined;
      if (refusal !== undefined) {
        settle();
        reject(refusal);
        return;
      }
      const key = "readerKey" in job ? job.readerKey : undefined;
      const task: Task = {
        job,
        label,
        channel: options.channel,
        pin: options.pin,
        onWait: options.onWait ?? (() => undefined),
        prefer: new Set(
          key === undefined ? [] : this.#slots.filter((slot) => slot.holds(key)).map(({ number }) => number),
        ),
        done: (outcome, slot) => {
          unlink();
          ranOn = slot;
          settle();
          if (outcome instanceof FramepoolError) reject(outcome);
          else if (outcome.ok) resolve(outcome.value as JobResults[J["kind"]]);
          else reject(toError(outcome.error, label, (token) => options.channel?.causeOf(slot ?? -1, token)));
        },
      };
      if (signal !== undefined) {
        unlink = onAbort(signal, () => {
          // The caller is told at once; the slot stays taken until its worker has noticed.
          reject(signal.reason as Error);
          this.#cancel(task);
        });
      }
      this.#submit(task);
    });
    return { result, settled, slot: () => ranOn };
  }

  /**
   * Closes readers wherever they may be open, before anything else that waits. Resolves once that is done, but does not wait for
   * a worker that is busy with something else: that closes them as soon as it is free.
   */
  async drop(readerKey: string): Promise<void> {
    const holders = this.#slots.filter((slot) => slot.forget(readerKey));
    const jobs = holders.map(async (slot) => {
      const { result } = this.run({ kind: "drop", readerKeys: [readerKey] }, { label: "", pin: slot.number });
      await result.catch(() => undefined);
      // Who asked for it meanwhile may have opened it before that, or after.
      slot.doubt(readerKey);
    });
    const isOthers = ({ running }: Slot<Task>): boolean =>
      running !== undefined && "readerKey" in running.task.job && running.task.job.readerKey !== readerKey;
    await Promise.all(jobs.filter((_, i) => holders[i] !== undefined && !isOthers(holders[i])));
  }

  /** Ends the threads. Waiting jobs fail with E_CLOSED, and so do running ones, which are cancelled first. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    // The pool is closed once this was called, and only then.
    await Promise.resolve();
    for (const task of this.#queue.clear()) this.#settle(task, poolClosed(), undefined);
    for (const slot of this.#slots) {
      const waited = this.#takeBack(slot);
      if (waited !== undefined) this.#settle(waited, poolClosed(), undefined);
      for (const given of [slot.running, slot.next]) if (given !== undefined) this.#stop(slot, given);
    }
    await this.#inFlight.none(patienceMs);
    await this.#threads.close();
  }

  #submit(task: Task): void {
    this.#inFlight.begin();
    const slot = this.#freeSlotFor(task);
    if (slot !== undefined) {
      void this.#start(slot, task);
      return;
    }
    // What closes a file frees memory, and takes no time.
    if (task.job.kind === "drop") this.#queue.putBack(task);
    else this.#queue.add(task);
    task.onWait(true);
    this.#startNext();
    this.#watch.want(this.#mustWatch());
  }

  /**
   * A job waits for a worker, and one may come to wait for bytes, or a job waits in a thread, for too long perhaps. A tick costs
   * the main thread as much as a job: where neither can be, as with files, there is none.
   */
  #mustWatch(): boolean {
    if (this.#slots.some(({ next }) => next !== undefined)) return true;
    return this.#queue.length > 0 && this.#slots.some(({ running }) => running?.task.channel !== undefined);
  }

  /** Workers that do more than to wait for bytes. */
  #working(): number {
    return this.#slots.filter(({ running, number }) => running !== undefined && this.#signals.isWorking(number)).length;
  }

  #freeSlotFor(task: Task): Slot<Task> | undefined {
    if (this.#working() >= this.threads) return undefined;
    const free = this.#slots.filter(({ running }) => running === undefined);
    if (task.pin !== undefined) return free.find(({ number }) => number === task.pin);
    return (
      free.find(({ number }) => task.prefer.has(number)) ?? free.find(({ thread }) => thread !== undefined) ?? free[0]
    );
  }

  /** Gives a slot's thread a job, behind the one that it does if it does one. */
  async #start(slot: Slot<Task>, task: Task): Promise<void> {
    const { job, channel } = task;
    task.onWait(false);
    const waits = slot.running !== undefined;
    const given = slot.give(task);
    const { ticket } = given;
    if (waits) this.#signals.wait(slot.number, ticket);
    const readerKey = "readerKey" in job ? job.readerKey : undefined;
    if (readerKey !== undefined) slot.asks(readerKey);
    const envelope: Envelope = {
      job,
      channel: channel?.forSlot(slot.number),
      slot: slot.number,
      ticket,
      waits,
      keepLog: logIsWanted(),
    };
    let outcome: Reply<Job["kind"]> | FramepoolError;
    try {
      const reply = await this.#threads.run(slot, envelope);
      if (!slot.has(given)) return;
      publishLog({ source: task.label, lines: reply.log });
      if (readerKey !== undefined && reply.ok) slot.opened(readerKey, readerKind(job));
      else if (readerKey !== undefined) slot.doubt(readerKey);
      outcome = reply;
    } catch (error) {
      if (!slot.has(given)) return;
      outcome = this.#lose(slot, task, error);
    }
    if (slot.end(given)) this.#settle(task, outcome, slot.number);
    this.#dispatch(slot);
  }

  /** Hands out waiting jobs, first to a slot that just became free. */
  #dispatch(freed: Slot<Task> | undefined): void {
    const rank = (slot: Slot<Task>): number => (slot === freed ? 2 : slot.thread === undefined ? 0 : 1);
    const free = this.#slots.filter(({ running }) => running === undefined).sort((a, b) => rank(b) - rank(a));
    for (const slot of free) {
      if (this.#isClosed || this.#working() >= this.threads) break;
      const next = this.#takeBackAny(longWaitMs) ?? this.#queue.take(slot.number) ?? this.#takeBackAny(0);
      if (next !== undefined) void this.#start(slot, next);
    }
    this.#startNext();
    this.#watch.want(this.#mustWatch());
  }

  /** Gives threads that do brief jobs another one, so that they need not wait for it. */
  #startNext(): void {
    for (const slot of this.#slots) {
      if (this.#isClosed || this.#queue.length === 0) return;
      if (!this.#hasPlaceForNext(slot)) continue;
      const task = this.#takeBackAny(longWaitMs) ?? this.#queue.take(slot.number, isBrief);
      if (task !== undefined) void this.#start(slot, task);
    }
  }

  #hasPlaceForNext(slot: Slot<Task>): boolean {
    const { running, next, number, nextTicket } = slot;
    if (running === undefined || next !== undefined || !isBrief(running.task)) return false;
    return this.#signals.hasPlace(number, nextTicket) && this.#threads.isReady(slot);
  }

  /** For another slot, a job that has waited so long in a thread which still does the one before. */
  #takeBackAny(waitedMs: number): Task | undefined {
    const before = performance.now() - waitedMs;
    for (const slot of this.#slots) {
      const { next } = slot;
      if (next === undefined || next.task.pin !== undefined || next.since > before) continue;
      const task = this.#takeBack(slot);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** The job that waits in the slot's thread, which then skips it; undefined when there is none or it has begun. */
  #takeBack(slot: Slot<Task>): Task | undefined {
    const { next } = slot;
    if (next === undefined || !this.#signals.takeBack(slot.number, next.ticket)) return undefined;
    slot.next = undefined;
    return next.task;
  }

  /** The thread died: what it held is gone, and jobs that only it could go on with may go anywhere. */
  #lose(slot: Slot<Task>, { label, channel }: Task, cause: unknown): FramepoolError {
    channel?.abandon(slot.number);
    const waited = this.#takeBack(slot);
    if (waited !== undefined) this.#queue.putBack(waited);
    this.#signals.reset(slot.number);
    slot.forgetAll();
    this.#queue.unpin(slot.number);
    return threadLost("the worker thread that decoded it died", cause, label);
  }

  #settle(task: Task, outcome: Reply<Job["kind"]> | FramepoolError, slot: number | undefined): void {
    task.onWait(false);
    this.#inFlight.end();
    task.done(this.#isClosed ? poolClosed() : outcome, slot);
  }

  #cancel(task: Task): void {
    const slot = this.#slots.find(({ running, next }) => running?.task === task || next?.task === task);
    const waits = slot?.next?.task === task && this.#takeBack(slot) !== undefined;
    if (waits || this.#queue.remove(task)) {
      this.#settle(task, new FramepoolError("E_CLOSED", "cancelled"), undefined);
      return;
    }
    const given = slot?.running?.task === task ? slot.running : slot?.next;
    if (slot !== undefined && given !== undefined) this.#stop(slot, given);
  }

  #stop({ number }: Slot<Task>, { task: { channel }, ticket }: Given<Task>): void {
    this.#signals.cancel(number, ticket);
    channel?.wake(number);
  }
}

const poolClosed = (): FramepoolError => new FramepoolError("E_CLOSED", "the pool is closed");
