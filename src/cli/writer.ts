import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { cannotWrite } from "./files.js";

export interface FileToWrite {
  readonly name: string;
  /** Moved away: nothing is left of it here. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a writer thread is told: to write files into `to`, or to move some there out of `from`. */
export type WriterTask =
  | { readonly kind: "write"; readonly to: string; readonly files: readonly FileToWrite[] }
  | { readonly kind: "move"; readonly from: string; readonly to: string; readonly names: readonly string[] };

/** undefined when all is done, else what went wrong with which file. */
export type WriterReply = { readonly path: string; readonly error: Error } | undefined;

/** Threads at most: each waits for the disk, or for a server's. */
const mostThreads = 4;

/** Threads that write files, started as they are needed. */
export class Writer {
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #waiting: ((thread: Worker) => void)[] = [];

  /** Writes files into a folder, replacing those that are there. Throws OutputError. */
  async write(folder: string, files: readonly FileToWrite[]): Promise<void> {
    await this.#run(
      { kind: "write", to: folder, files },
      files.map(({ data }) => data.buffer),
    );
  }

  /** Moves files from one folder to another, replacing those that are there. Throws OutputError. */
  async move(from: string, to: string, names: readonly string[]): Promise<void> {
    await this.#run({ kind: "move", from, to, names }, []);
  }

  /** Nothing may be under way. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((thread) => thread.terminate()));
  }

  async #run(task: WriterTask, moved: readonly ArrayBuffer[]): Promise<void> {
    const thread = await this.#take();
    let reply: WriterReply;
    try {
      thread.postMessage(task, moved);
      [reply] = (await once(thread, "message")) as [WriterReply];
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(thread);
      else next(thread);
    }
    if (reply !== undefined) throw cannotWrite(reply.path, reply.error);
  }

  async #take(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.length === mostThreads) return new Promise((resolve) => this.#waiting.push(resolve));
    // In the bundle too it lies beside the code that starts it.
    const thread = new Worker(new URL("./writer-thread.js", import.meta.url));
    this.#all.push(thread);
    return thread;
  }
}
