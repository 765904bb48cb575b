import { logIsWanted, publishLog } from "../diagnostics.js";
import { FramepoolError } from "../errors.js";
import type { JobChannel } from "../protocol/channel.js";
import type { Envelope, Job, JobResults, Reply } from "../protocol/job.js";
import { toError } from "./job-error.js";
import { JobQueue, type Waiting } from "./job-queue.js";
import { allowManyListeners } from "./linked-abort.js";
import { type ThreadSlot, Threads } from "./threads.js";

export interface RunOptions {
  /** How a person would name the source, for errors and the log. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
  /** Only this slot, for jobs that go on where its last one ended. */
  readonly pin?: number | undefined;
  /** Leads to the source's bytes, where the worker cannot read them by itself. */
  readonly channel?: JobChannel | undefined;
}

/** A job that was handed over. */
export interface Running<T> {
  /** Rejects at once when the signal aborts, with its reason. */
  readonly result: Promise<T>;
  /** Resolves once no worker touches the job any more: only then may its memory be used again. Never rejects. */
  readonly settled: Promise<void>;
  /** The slot that ran it, once it ran. */
  readonly slot: () => number | undefined;
}

interface Task extends Waiting {
  readonly job: Job;
  readonly label: string;
  readonly channel: JobChannel | undefined;
  /** Hands over the outcome; afterwards the task is settled. */
  readonly done: (outcome: Reply<Job["kind"]> | FramepoolError, slot: number | undefined) => void;
}

interface Slot extends ThreadSlot {
  ticket: number;
  running: Task | undefined;
  /** Readers that it was given, as far as we know: it may have closed some. */
  readonly holds: Set<string>;
}

const longestTimeout = 2 ** 31 - 1;
/** How often queued jobs look for a worker that came to wait. */
const watchMs = 25;

/**
 * Threads and the jobs that wait for them. The queue is here: Piscina is only handed a job when its slot is free, since a
 * task that its balancer cannot place blocks those behind it.
 */
export class WorkerPool {
  readonly #threads: Threads;
  readonly #slots: readonly Slot[];
  readonly #queue = new JobQueue<Task>();
  /** Workers that run at a time, without those that only wait for bytes. */
  readonly #most: number;
  readonly #flags: Int32Array;
  /** By slot: 1 while its worker has been waiting for bytes for long. */
  readonly #stalled: Int32Array;
  readonly #cache: Envelope["cache"];
  #inFlight = 0;
  /** Looks for workers that came to wait, as long as jobs are queued. */
  #watch: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(threads: number, cacheBytes: number) {
    this.#most = threads;
    // As many again: a worker that waits long for bytes gets another one beside it.
    this.#slots = Array.from({ length: 2 * threads }, (_, number) => ({
      number,
      thread: undefined,
      ticket: 0,
      running: undefined,
      unstarted: undefined,
      holds: new Set<string>(),
    }));
    this.#flags = new Int32Array(new SharedArrayBuffer(4 * this.#slots.length));
    this.#stalled = new Int32Array(new SharedArrayBuffer(4 * this.#slots.length));
    this.#cache = { readers: 32, bytes: Math.floor(cacheBytes / threads) };
    this.#threads = new Threads(this.#slots);
  }

  /** Workers that decode at a time. */
  get threads(): number {
    return this.#most;
  }

  /** Workers without a job. */
  get idle(): number {
    return Math.max(0, this.#most - this.#working());
  }

  run<J extends Job>(job: J, options: RunOptions): Running<JobResults[J["kind"]]> {
    let settle: () => void = () => undefined;
    let ranOn: number | undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const result = new Promise<JobResults[J["kind"]]>((resolve, reject) => {
      const { signal, label } = options;
      if (this.#closed) {
        settle();
        reject(new FramepoolError("E_CLOSED", "the pool is closed"));
        return;
      }
      if (signal?.aborted) {
        settle();
        reject(signal.reason as Error);
        return;
      }
      const key = "readerKey" in job ? job.readerKey : undefined;
      const task: Task = {
        job,
        label,
        channel: options.channel,
        pin: options.pin,
        prefer: new Set(
          key === undefined ? [] : this.#slots.filter(({ holds }) => holds.has(key)).map(({ number }) => number),
        ),
        done: (outcome, slot) => {
          signal?.removeEventListener("abort", onAbort);
          ranOn = slot;
          settle();
          if (outcome instanceof FramepoolError) reject(outcome);
          else if (outcome.ok) resolve(outcome.value as JobResults[J["kind"]]);
          else reject(toError(outcome.error, label, (token) => options.channel?.causeOf(slot ?? -1, token)));
        },
      };
      const onAbort = (): void => {
        // The caller is told at once; the slot stays taken until its worker has noticed.
        reject(signal?.reason as Error);
        this.#cancel(task);
      };
      if (signal !== undefined) {
        allowManyListeners(signal);
        signal.addEventListener("abort", onAbort, { once: true });
      }
      this.#submit(task);
    });
    return { result, settled, slot: () => ranOn };
  }

  /** Closes readers wherever they may be open. */
  async drop(readerKey: string): Promise<void> {
    const holders = this.#slots.filter(({ holds }) => holds.has(readerKey));
    const jobs = holders.map(async ({ number, holds }) => {
      holds.delete(readerKey);
      const { result } = this.run({ kind: "drop", readerKeys: [readerKey] }, { label: "", pin: number });
      await result.catch(() => undefined);
    });
    await Promise.all(jobs);
  }

  /** Ends the threads. Waiting jobs fail with E_CLOSED, running ones are cancelled first. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = new FramepoolError("E_CLOSED", "the pool is closed");
    for (const task of this.#queue.clear()) this.#settle(task, closed, undefined);
    const running: Promise<void>[] = [];
    for (const slot of this.#slots) {
      const task = slot.running;
      if (task === undefined) continue;
      running.push(
        new Promise((resolve) => {
          const { done } = task;
          slot.running = {
            ...task,
            done: (_, number) => {
              done(closed, number);
              resolve();
            },
          };
        }),
      );
      this.#stop(slot, task);
    }
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 2000).unref());
    await Promise.race([Promise.all(running), patience]);
    await this.#threads.close();
  }

  #submit(task: Task): void {
    this.#inFlight++;
    // Neither a starting thread nor a waiting job would keep the process alive.
    this.#keepAlive ??= setInterval(() => undefined, longestTimeout);
    const slot = this.#freeSlotFor(task);
    if (slot !== undefined) {
      void this.#start(slot, task);
      return;
    }
    this.#queue.add(task);
    this.#watch ??= setInterval(() => this.#dispatch(undefined), watchMs).unref();
  }

  /** Workers that do more than to wait for bytes. */
  #working(): number {
    return this.#slots.filter(({ running, number }) => running !== undefined && this.#stalled[number] !== 1).length;
  }

  #freeSlotFor(task: Task): Slot | undefined {
    if (this.#working() >= this.#most) return undefined;
    const free = this.#slots.filter(({ running }) => running === undefined);
    if (task.pin !== undefined) return free.find(({ number }) => number === task.pin);
    return (
      free.find(({ number }) => task.prefer.has(number)) ?? free.find(({ thread }) => thread !== undefined) ?? free[0]
    );
  }

  async #start(slot: Slot, task: Task): Promise<void> {
    slot.running = task;
    slot.ticket = (slot.ticket % longestTimeout) + 1;
    const envelope: Envelope = {
      job: task.job,
      channel: task.channel?.forSlot(slot.number),
      stalled: this.#stalled,
      flags: this.#flags,
      slot: slot.number,
      ticket: slot.ticket,
      keepLog: logIsWanted(),
      cache: this.#cache,
    };
    if ("readerKey" in task.job && task.job.readerKey !== undefined) slot.holds.add(task.job.readerKey);
    let outcome: Reply<Job["kind"]> | FramepoolError;
    try {
      outcome = await this.#threads.run(slot, envelope);
      publishLog({ source: task.label, lines: outcome.log });
    } catch (error) {
      outcome = this.#lose(slot, task, error);
    }
    const current = slot.running;
    slot.running = undefined;
    this.#settle(current, outcome, slot.number);
    this.#dispatch(slot);
  }

  /** Hands out waiting jobs, first to a slot that just became free. */
  #dispatch(freed: Slot | undefined): void {
    const free = this.#slots.filter((slot) => slot !== freed && slot.running === undefined);
    free.sort((a, b) => Number(b.thread !== undefined) - Number(a.thread !== undefined));
    for (const slot of freed === undefined ? free : [freed, ...free]) {
      if (this.#closed || this.#queue.length === 0 || this.#working() >= this.#most) break;
      const next = this.#queue.take(slot.number);
      if (next !== undefined) void this.#start(slot, next);
    }
    if (this.#queue.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  /** The thread died: what it held is gone, and jobs that only it could go on with may go anywhere. */
  #lose(slot: Slot, { label, channel }: Task, cause: unknown): FramepoolError {
    channel?.abandon(slot.number);
    Atomics.store(this.#stalled, slot.number, 0);
    slot.holds.clear();
    this.#queue.unpin(slot.number);
    return new FramepoolError("E_WORKER_LOST", "the worker thread that decoded it died", { source: label, cause });
  }

  #settle(task: Task, outcome: Reply<Job["kind"]> | FramepoolError, slot: number | undefined): void {
    this.#inFlight--;
    if (this.#inFlight === 0) {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
    task.done(outcome, slot);
  }

  #cancel(task: Task): void {
    if (this.#queue.remove(task)) {
      this.#settle(task, new FramepoolError("E_CLOSED", "cancelled"), undefined);
      return;
    }
    const slot = this.#slots.find(({ running }) => running === task);
    if (slot !== undefined) this.#stop(slot, task);
  }

  #stop({ number, ticket }: Slot, { channel }: Task): void {
    Atomics.store(this.#flags, number, ticket);
    channel?.wake(number);
  }
}
