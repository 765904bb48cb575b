import { once } from "node:events";
import { after } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { type DecoderPool, connect, expose } from "../../../src/index.js";
import type { ThreadTask } from "./user-thread-tasks.js";

/** A thread of the user's that shares a pool. */
export interface UserThread {
  readonly worker: Worker;
  /** Resolves with the next thing that the thread says; rejects with what it throws. */
  readonly said: () => Promise<unknown>;
}

/** Starts a thread that connects to the pool and does one of the tasks. */
export function userThread(pool: DecoderPool, task: ThreadTask, path: string): UserThread {
  const worker = new Worker(new URL("./user-thread-main.js", import.meta.url), { workerData: { task, path } });
  after(() => worker.terminate());
  expose(pool, worker);
  const words: unknown[] = [];
  worker.on("message", (message: unknown) => {
    if (isWord(message)) words.push(message.said);
  });
  return {
    worker,
    said: async () => {
      while (words.length === 0) await once(worker, "message");
      return words.shift();
    },
  };
}

/** Does a task in a thread that ends with it, and answers with its result. */
export async function inThread(pool: DecoderPool, task: ThreadTask, path: string): Promise<unknown> {
  const { worker, said } = userThread(pool, task, path);
  const result = await said();
  await worker.terminate();
  return result;
}

function isWord(message: unknown): message is { readonly said: unknown } {
  return typeof message === "object" && message !== null && "said" in message;
}

/** The pool as another thread would see it, over a channel of its own. */
export function connected(pool: DecoderPool): DecoderPool {
  const { port1, port2 } = new MessageChannel();
  expose(pool, port1);
  const client = connect(port2);
  after(() => client.close());
  return client;
}
