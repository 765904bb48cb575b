// A thread that puts files on the disk, with calls that wait: a picture then costs the main thread a share of a message, and not four
// requests to libuv's threads with a promise each.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import type { WriterReply, WriterTask } from "./writer.js";

parentPort?.on("message", (task: WriterTask) => {
  parentPort?.postMessage(doneWith(task));
});

function doneWith(task: WriterTask): WriterReply {
  let path = task.to;
  try {
    if (task.kind === "write") {
      for (const { name, data } of task.files) writeFileSync((path = join(task.to, name)), data);
    } else {
      for (const name of task.names) renameSync(join(task.from, name), (path = join(task.to, name)));
    }
    return undefined;
  } catch (error) {
    return { path, error: error as Error };
  }
}
