// Charts of the benchmark's own results: a block of "chart" names a JSON file of docs/benchmarks and the cases that are wanted of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chart } from "../../../dist/bench/chart.js";
import { rows } from "../../../dist/bench/summary.js";
import { root } from "./folders.mjs";

/** SVG in the page's colours; `wanted` is `2026-11-27.json first uniform10`. */
export function drawChart(wanted) {
  const [file, ...names] = wanted.trim().split(/\s+/);
  const results = JSON.parse(readFileSync(join(root, "docs/benchmarks", file), "utf8"));
  const unknown = names.filter((name) => !results.cases.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`${file} has no case ${unknown.join(", ")}`);
  const cases = results.cases.filter(({ name }) => names.includes(name));
  const svg = chart({ ...results, cases }, rows({ ...results, cases }));
  // The style is for a file of its own: here it would be the whole page's.
  return svg
    .replace(/<style>.*?<\/style>\n/s, "")
    .replace(/<rect class="page"[^>]*>\n/, "")
    .trim();
}
