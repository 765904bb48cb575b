// `node dist/bench/figures.js [--check]`: the README's table of ratios, out of the results that it names. `--check` says whether it is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { table } from "./format.js";
import { load } from "./results.js";
import { ratios } from "./summary.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const place = /(<!-- figures of (\S+): written by node dist\/bench\/figures\.js -->\n)[^]*?(<!-- end of figures -->)/;
const shown = ["first", "uniform10", "random10", "first100", "whole", "bulk"];
const rivals = ["torchcodec", "node-av"];

const path = `${root}README.md`;
const text = readFileSync(path, "utf8");
const [, , file] = place.exec(text) ?? [];
if (file === undefined) throw new Error("the README has no place for figures");
const results = load(`${root}docs/benchmarks/${file}`);
const rows = shown.map((name) => {
  const title = results.cases.find((one) => one.name === name)?.title ?? name;
  const cells = rivals.map((rival) => {
    const ratio = ratios(results, "ours-2", rival, "wallMs").find((one) => one.case === name);
    return ratio === undefined ? "" : ratio.median.toFixed(2);
  });
  return [title, ...cells];
});
const figures = table(["Time, of the best of", ...rivals], rows);
const wanted = text.replace(place, (_, begin: string, _file: string, end: string) => `${begin}\n${figures}\n\n${end}`);
if (!process.argv.includes("--check")) writeFileSync(path, wanted);
else if (plain(wanted) !== plain(text)) {
  console.error("the README's figures are not those of the results: node dist/bench/figures.js");
  process.exitCode = 1;
}

/** Prettier makes the columns of a table equally wide. */
function plain(markdown: string): string {
  return markdown.replaceAll(/-{3,}/g, "---").replaceAll(/ +/g, " ");
}
