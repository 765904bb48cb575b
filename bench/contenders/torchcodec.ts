import { existsSync } from "node:fs";
import { join } from "node:path";
import { output } from "../commands.js";
import type { Work } from "../model.js";
import { benchCache, benchSources, cacheFolder } from "../paths.js";
import { runCold } from "./cold.js";
import { type Digest, type Outcome, type Runner, type Usage, nothing, onlyFile } from "./runner.js";

/** Python's part of the benchmarks: the same orders and reports as bench/trial.ts. */
export const torchcodecScript = join(benchSources, "contenders/torchcodec_trial.py");

/** The Python that bench/peers.sh made, or one that other measurements on this machine use. */
export function python(): string | undefined {
  const given = process.env["FRAMEPOOL_BENCH_PYTHON"];
  if (given !== undefined) return given;
  const made = [benchCache, cacheFolder("framepool-checks")].map((folder) => join(folder, "venv/bin/python"));
  return made.find((path) => existsSync(path));
}

/** The versions of torchcodec and what it stands on. Throws when it cannot be used. */
export function torchcodecVersion(): string {
  const found = python();
  if (found === undefined) throw new Error("no Python with torchcodec: bench/peers.sh makes one");
  return output(found, [torchcodecScript, "--version"]).trim();
}

/** The one case that Python cannot time itself: its own start. */
export class TorchcodecCold implements Runner {
  readonly #mode: string;
  readonly #threads: number;

  constructor(mode: string, threads: number) {
    this.#mode = mode;
    this.#threads = threads;
  }

  async run(work: Work, files: readonly string[], digest: Digest | null): Promise<Outcome> {
    const command = python();
    if (work.kind !== "cold" || command === undefined) throw new Error("torchcodec times its other cases itself");
    const args = [torchcodecScript, "--cold", onlyFile(files), this.#mode, String(this.#threads)];
    return await runCold(
      (folder) => ({ command, args: [...args, join(folder, "0.png")], usage: (told) => JSON.parse(told) as Usage }),
      digest,
    );
  }

  async close(): Promise<void> {
    await nothing();
  }
}
