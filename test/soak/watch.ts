// A thread that looks whether rounds go on: one that loops for ever, on whichever thread, or waits for ever, cannot say so itself.
import { Worker } from "node:worker_threads";

const watcher = `
const { now, longestMs, seed } = require("node:worker_threads").workerData;
let [round, began] = [-1, Date.now()];
setInterval(() => {
  const current = Atomics.load(now, 0);
  if (current !== round) [round, began] = [current, Date.now()];
  else if (Date.now() - began > longestMs) {
    require("node:fs").writeSync(1, \`HANGS: seed \${seed}, round \${round}\\n\`);
    process.kill(process.pid, "SIGKILL");
  }
}, 1000);
`;

/** Ends the process, and says in which round, where one takes longer. Returns what tells it of a round that begins. */
export function watchRounds(seed: number, longestMs: number): (round: number) => void {
  const now = new Int32Array(new SharedArrayBuffer(4));
  new Worker(watcher, { eval: true, workerData: { now, longestMs, seed } }).unref();
  return (round) => Atomics.store(now, 0, round);
}
