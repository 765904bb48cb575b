import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { cannotWrite } from "./files.js";

/** Files to move, as a mover thread is told: two lists, since an object for each would cost the main thread more than all the rest. */
export interface MoverTask {
  /** The folder that they are moved to. */
  readonly to: string;
  /** Of each the name that it has there. */
  readonly names: readonly string[];
  /** Of each the path that it has now. */
  readonly from: readonly string[];
}

/** undefined when all is done, else what went wrong with which file. */
export type MoverReply = { readonly path: string; readonly error: Error } | undefined;

/** Threads at most: each waits for the disk, or for a server's. */
const mostThreads = 4;

/** Threads that put files in their place, started as they are needed. */
export class Mover {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: ((thread: Worker) => void)[] = [];

  /** Moves files into a folder, replacing those that are there. Throws OutputError. */
  async move(task: MoverTask): Promise<void> {
    if (task.names.length === 0) return;
    const thread = await this.#take();
    let reply: MoverReply;
    try {
      thread.postMessage(task);
      [reply] = (await once(thread, "message")) as [MoverReply];
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(thread);
      else next(thread);
    }
    if (reply !== undefined) throw cannotWrite(reply.path, reply.error);
  }

  /** Nothing may be under way. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.terminate()));
  }

  async #take(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.length === mostThreads) return new Promise((resolve) => this.#waiting.push(resolve));
    // In the bundle too it lies beside the code that starts it.
    const thread = new Worker(new URL("./mover-thread.js", import.meta.url));
    this.#all.push(thread);
    return thread;
  }
}
