// Preloaded into a process whose CPU time and memory are wanted: Node cannot ask the system about its children.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { mainThreadMs } from "./micro/measure.js";

if (isMainThread) {
  process.on("exit", tell);
  // In between, when it is asked.
  process.on("SIGUSR2", tell);
}

function tell(): void {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuMs = (userCPUTime + systemCPUTime) / 1000;
  writeSync(3, `${JSON.stringify({ cpuMs, peakRssMb: maxRSS / 1024, mainThreadMs: mainThreadMs() })}\n`);
}
