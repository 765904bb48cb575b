import { after, before } from "node:test";
import type { Worker } from "node:worker_threads";

/** Threads of this process that live, from when its tests begin. */
export const workers = new Set<Worker>();

function onWorker(worker: Worker): void {
  workers.add(worker);
  worker.once("exit", () => workers.delete(worker));
}

before(() => process.on("worker", onWorker));
after(() => process.off("worker", onWorker));

export async function killAll(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.terminate()));
}
