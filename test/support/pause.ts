// Preloaded into a process that shall stop at its first call of a function and go on when it is told, so that it is certain what others
// do in between. FRAMEPOOL_TEST_PAUSE: the function, "kill" of process or one of node:fs, and a folder, in which the file "reached" appears
// then, and "go" is waited for; "again" appears at the second call.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const [name = "", folder = ""] = process.env["FRAMEPOOL_TEST_PAUSE"]?.split("=") ?? [];
const { existsSync, writeFileSync } = fs;

type Functions = Record<string, (...args: unknown[]) => unknown>;

function pauseAt(owner: Functions): void {
  const usual = owner[name];
  let calls = 0;
  owner[name] = (...args) => {
    writeFileSync(join(folder, ++calls === 1 ? "reached" : "again"), "");
    while (!existsSync(join(folder, "go"))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return usual?.apply(owner, args);
  };
  syncBuiltinESMExports();
}

if (isMainThread) pauseAt((name === "kill" ? process : fs) as unknown as Functions);
