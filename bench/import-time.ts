// What importing framepool costs a process: node dist/bench/import-time.js [--rounds 21] [--write]. CPU time of a new process from
// just before the import to just after it, the ways alternated, medians; --write puts the table into docs/performance.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./summary.js";
import { root } from "./paths.js";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "21" }, write: { type: "boolean" } } });

const url = (file: string): string => new URL(file, import.meta.url).href;
const imports = {
  "an empty module": "data:text/javascript,",
  "`framepool`": url("../src/bundle/index.js"),
  "`framepool` and `framepool/loader`": url("../src/bundle/loader.js"),
  "`framepool`, not bundled": url("../src/index.js"),
} as const;

/** In milliseconds. */
function cost(specifier: string): number {
  const program = `const before = process.cpuUsage();
    await import(${JSON.stringify(specifier)});
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(String((user + system) / 1000));`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }));
}

const ways = Object.entries(imports).map(([name, specifier]) => ({ name, specifier, costs: [] as number[] }));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { specifier, costs } of ways) costs.push(cost(specifier));
}

const rows = ways.map(({ name, costs }) => [
  name,
  `${median(costs).toFixed(0)} ms`,
  `${Math.min(...costs).toFixed(0)} ms`,
]);
const cells = [["Imported", "CPU time", "least"], ...rows];
const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
const line = (row: readonly string[]): string =>
  `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
const [head = [], ...body] = cells;
const table = [head, rule, ...body].map(line).join("\n");
console.log(table);

if (values.write === true) {
  const path = join(root, "docs/performance.md");
  const place = /(<!-- import: [^\n]*-->\n)[^]*?(<!-- end of import -->)/;
  const text = readFileSync(path, "utf8");
  if (!place.test(text)) throw new Error(`${path} has no place for the table`);
  const version = `Node ${process.versions.node}, ${values.rounds} rounds:`;
  writeFileSync(
    path,
    text.replace(place, (_, begin: string, end: string) => `${begin}\n${version}\n\n${table}\n\n${end}`),
  );
}
