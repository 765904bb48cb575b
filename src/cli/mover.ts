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
  /** A folder that is taken away once they are moved, with what is left in it: for a large one that takes milliseconds. */
  readonly emptied: string;
}

/** undefined when all is done, else what went wrong with which file. */
export type MoverReply = { readonly path: string; readonly error: Error } | undefined;

/** A thread that puts files in their place, started when it is needed. */
export class Mover {
  #thread: Worker | undefined;
  #last: Promise<void> = Promise.resolve();

  /** Moves files into a folder, replacing those that are there, and takes away where they were. Throws OutputError. */
  move(task: MoverTask): Promise<void> {
    const moved = this.#last.then(() => this.#move(task));
    this.#last = moved.catch(() => undefined);
    return moved;
  }

  async #move(task: MoverTask): Promise<void> {
    // In the bundle too it lies beside the code that starts it.
    this.#thread ??= new Worker(new URL("./mover-thread.js", import.meta.url));
    let reply: MoverReply;
    try {
      this.#thread.postMessage(task);
      [reply] = (await once(this.#thread, "message")) as [MoverReply];
    } catch (error) {
      // It failed by itself, and is gone.
      this.#thread = undefined;
      throw error;
    }
    if (reply !== undefined) throw cannotWrite(reply.path, reply.error);
  }

  /** Nothing may be under way. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
  }
}
