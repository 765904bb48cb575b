import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "./model.js";
import { results as folder } from "./paths.js";

/**
 * Writes the run's own file, and once more as the latest of its kind; returns both, without ".json".
 * A run of the microbenchmarks does not replace the latest comparison, nor the other way round.
 */
export function save(results: Results): { readonly own: string; readonly latest: string } {
  mkdirSync(folder, { recursive: true });
  const kind = results.micro.length > 0 ? "-micro" : "";
  const time = results.environment.date.slice(0, 19).replaceAll(":", "").replace("T", "-");
  const names = { own: join(folder, `${time}${kind}`), latest: join(folder, `latest${kind}`) };
  const text = `${JSON.stringify(results, undefined, 1)}\n`;
  writeFileSync(`${names.own}.json`, text);
  writeFileSync(`${names.latest}.json`, text);
  return names;
}

export function load(file: string): Results {
  const found = JSON.parse(readFileSync(file, "utf8")) as Partial<Results>;
  if (found.schema !== 1) throw new Error(`${file}: not results of this version of the benchmarks`);
  return found as Results;
}
