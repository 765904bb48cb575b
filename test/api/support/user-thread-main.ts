// What a thread of the user's runs: it shares the pool that its parent exposes.
import { parentPort, workerData } from "node:worker_threads";
import { connect } from "../../../src/index.js";
import { type ThreadTask, tasks } from "./user-thread-tasks.js";

const { task, path } = workerData as { readonly task: ThreadTask; readonly path: string };
if (parentPort === null) throw new Error("this is for a worker thread");
const port = parentPort;
const say = (said: unknown): void => {
  port.postMessage({ said });
};
say(await tasks[task](connect(port), path, say));
