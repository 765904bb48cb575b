import { IoThread } from "./io-thread.js";

/** A pool's I/O threads, one for each module. */
export class IoThreads {
  readonly #threads = new Map<string, IoThread>();
  /** Threads that died and were replaced, while sources of theirs are open. */
  readonly #replaced = new Set<IoThread>();
  #names = 0;

  /** The module's thread; a new one when there is none, or it died. */
  of(moduleUrl: string): IoThread {
    const found = this.#threads.get(moduleUrl);
    if (found?.alive === true) return found;
    for (const thread of this.#replaced) if (thread.isOver) this.#replaced.delete(thread);
    if (found?.isOver === false) this.#replaced.add(found);
    const thread = new IoThread(moduleUrl);
    this.#threads.set(moduleUrl, thread);
    return thread;
  }

  /** A number that no other source of the pool's threads has: a new thread numbers its sources from 1 again. */
  nextName(): number {
    return ++this.#names;
  }

  /** Once no worker reads any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads.values(), ...this.#replaced].map((thread) => thread.end()));
    this.#threads.clear();
    this.#replaced.clear();
  }
}
