// A thread that puts files in their place, with calls that wait: each then costs the main thread a share of a message, and not a
// request to libuv's threads with a promise.
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { MoverReply, MoverTask } from "./mover.js";

parentPort?.on("message", (task: MoverTask) => {
  parentPort?.postMessage(doneWith(task));
});

function doneWith({ to, names, from, emptied }: MoverTask): MoverReply {
  let path = to;
  try {
    for (const [i, name] of names.entries()) renameSync(from[i] ?? "", (path = join(to, name)));
    rmSync((path = emptied), { recursive: true, force: true });
    return undefined;
  } catch (error) {
    return { path, error: error as Error };
  }
}
