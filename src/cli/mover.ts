import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { cannotWrite } from "./files.js";

export interface FileToMove {
  readonly from: string;
  /** In the folder that it is moved to. */
  readonly name: string;
}

/** What a mover thread is told. */
export interface MoverTask {
  readonly to: string;
  readonly files: readonly FileToMove[];
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
  async move(to: string, files: readonly FileToMove[]): Promise<void> {
    if (files.length === 0) return;
    const thread = await this.#take();
    let reply: MoverReply;
    try {
      const task: MoverTask = { to, files };
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
