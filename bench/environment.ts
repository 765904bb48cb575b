import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { firstLine, output } from "./commands.js";
import type { Environment } from "./model.js";
import { root } from "./paths.js";

export function environment(): Environment {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release()}`,
    node: process.version,
    ffmpeg: firstLine("ffmpeg", ["-version"])?.split(" ")[2] ?? "none",
    load: loadavg().map((load) => Math.round(load * 100) / 100),
  };
}

/** With "+" when files differ from it: then the figures belong to no commit. */
function commit(): string {
  const head = firstLine("git", ["-C", root, "rev-parse", "--short=12", "HEAD"]);
  if (head === undefined) return "unknown";
  return output("git", ["-C", root, "--no-optional-locks", "status", "--porcelain"]).trim() === "" ? head : `${head}+`;
}

export function describe(environment: Environment): string[] {
  return [
    `commit ${environment.commit}, ${environment.date}`,
    `${environment.cpu}, ${environment.cores} cores, ${environment.memoryGb} GB, ${environment.os}`,
    `Node ${environment.node}, FFmpeg ${environment.ffmpeg}`,
    `load average ${environment.load.join(" ")}${isBusy(environment) ? ": busy, do not trust the times" : ""}`,
  ];
}

/** Something else was running when the benchmarks began. */
export function isBusy(environment: Environment): boolean {
  return (environment.load[0] ?? 0) > 0.25 * environment.cores;
}
