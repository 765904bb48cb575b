import { fileURLToPath } from "node:url";
import { output } from "../commands.js";
import { microseconds } from "../format.js";
import type { MicroResult } from "../model.js";

/** Runs the groups, each in a process of its own. */
export function runMicro(groups: readonly string[], quick: boolean): MicroResult[] {
  return groups.flatMap((group) => {
    const script = fileURLToPath(new URL(`./${group}.js`, import.meta.url));
    const said = output(process.execPath, ["--expose-gc", script, ...(quick ? ["--quick"] : [])]);
    const results = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as MicroResult);
    for (const { name, medianUs, per } of results)
      console.log(`${group}: ${name} ${microseconds(medianUs)} per ${per}`);
    return results;
  });
}
