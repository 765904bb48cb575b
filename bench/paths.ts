import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository; this file runs as dist/bench/paths.js. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
export const benchSources = join(root, "bench");
export const results = join(benchSources, "results");
/** As it is shipped. */
export const commandLine = join(root, "dist/src/bundle/main.js");

export const cacheFolder = (name: string): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), name);

/** Everything that the benchmarks make and keep: videos, the Python environment, node-av. Never inside the repository. */
export const benchCache = cacheFolder("framepool-bench");
