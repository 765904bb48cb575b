import { createRequire } from "node:module";
import type * as piscina from "piscina";
import { decodeWorker, workerFile } from "./worker-files.js";
import type { Envelope, Job, Reply, WorkerSetup } from "../protocol/job.js";

// Not imported: that takes longer than all of framepool, and a process may need no pool.
const require = createRequire(import.meta.url);
const loadPiscina = () => require("piscina") as typeof piscina;

/** A place for one thread at a time. */
export interface ThreadSlot {
  readonly number: number;
  /** Piscina's id of the thread, once it has one. */
  thread: number | undefined;
  /** While its job has no thread yet: takes the job back. */
  unstarted: AbortController | undefined;
}

/** Threads that may die one after the other before they take a job: then starting them makes no sense. */
const mostStarts = 3;

/** The worker threads, started as they are needed. The only place that knows Piscina, which is handed only what its thread can take. */
export class Threads {
  readonly #piscina: piscina.Piscina;
  readonly #queueOptions: symbol;
  readonly #slots: readonly ThreadSlot[];
  #closed = false;
  /** Threads that have come up; Piscina forgets the number of one that died. */
  readonly #ready = new Set<number>();
  /** Why the last thread that failed by itself did so. */
  #error: unknown;

  constructor(slots: readonly ThreadSlot[], setup: WorkerSetup) {
    this.#slots = slots;
    const filename = workerFile(decodeWorker).href;
    const { Piscina } = loadPiscina();
    this.#queueOptions = Piscina.queueOptionsSymbol;
    this.#piscina = new Piscina({
      filename,
      workerData: setup,
      minThreads: 0,
      maxThreads: slots.length,
      idleTimeout: Infinity,
      // The default would freeze a worker's event loop between tasks.
      atomics: "disabled",
      recordTiming: false,
      loadBalancer: (task, workers) => {
        const slot = this.#slotOf(task);
        if (slot === undefined) return null;
        const living = workers.filter(({ destroyed }) => !destroyed);
        const thread =
          living.find(({ id }) => id === slot.thread) ??
          living.find(({ id }) => !this.#slots.some(({ thread: taken }) => taken === id));
        if (thread === undefined) return null;
        slot.thread = thread.id;
        slot.unstarted = undefined;
        return thread;
      },
    });
    this.#piscina.on("workerCreate", ({ id }: { readonly id: number }) => {
      this.#ready.add(id);
    });
    // A thread's own failure outside of a task; its tasks are rejected on their own.
    this.#piscina.on("error", (error) => {
      this.#error = error;
    });
    // Piscina does not replace a thread that died while it started: what waited for it would wait for ever.
    this.#piscina.on("workerDestroy", () => {
      for (const { unstarted } of this.#slots) unstarted?.abort();
    });
  }

  /**
   * Runs a job on the slot's thread, after those that it was given before. Rejects when the thread dies; one that dies before
   * it takes its first job is replaced.
   */
  async run(slot: ThreadSlot, envelope: Envelope): Promise<Reply<Job["kind"]>> {
    const task = Object.assign(envelope, { [this.#queueOptions]: { slot: slot.number } });
    if (!this.isReady(slot)) return await this.#runOnNew(slot, task);
    const { thread } = slot;
    try {
      return (await this.#piscina.run(task)) as Reply<Job["kind"]>;
    } catch (error) {
      // It may have another one by now.
      if (slot.thread === thread) slot.thread = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#piscina.destroy();
    for (const slot of this.#slots) slot.thread = undefined;
  }

  /** The slot has a thread, which came up and has not died, as far as is known. */
  isReady({ thread }: ThreadSlot): boolean {
    if (thread === undefined || !this.#ready.has(thread)) return false;
    return this.#piscina.threads.some(({ threadId }) => threadId === thread);
  }

  async #runOnNew(slot: ThreadSlot, envelope: Envelope): Promise<Reply<Job["kind"]>> {
    for (let start = 1; ; start++) {
      const unstarted = new AbortController();
      slot.unstarted = unstarted;
      try {
        return (await this.#piscina.run(envelope, { signal: unstarted.signal })) as Reply<Job["kind"]>;
      } catch (error) {
        slot.thread = undefined;
        slot.unstarted = undefined;
        if (!unstarted.signal.aborted) throw error;
        if (start === mostStarts || this.#closed) throw this.#error ?? error;
      }
    }
  }

  #slotOf(task: object): ThreadSlot | undefined {
    const options = (task as Record<symbol, { slot: number } | null | undefined>)[this.#queueOptions];
    return options == null ? undefined : this.#slots[options.slot];
  }
}
