// report.js [FILE.json]: the Markdown page and the chart of results, beside them. Without a file, of the latest.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chart } from "./chart.js";
import { describe } from "./environment.js";
import { megabytes, microseconds, milliseconds, table } from "./format.js";
import type { Results } from "./model.js";
import { results as folder } from "./paths.js";
import { load } from "./results.js";
import { type Row, ratios, rows } from "./summary.js";

/** Writes `name`.md, and `name`.svg where something was compared. */
export function writeReport(results: Results, name: string): void {
  const found = rows(results);
  if (found.length > 0) writeFileSync(`${name}.svg`, chart(results, found));
  writeFileSync(`${name}.md`, `${markdown(results, found, `${basename(name)}.svg`)}\n`);
}

function markdown(results: Results, found: readonly Row[], picture: string): string {
  const parts = [
    "# Benchmark results",
    describe(results.environment)
      .map((line) => `- ${line}`)
      .join("\n"),
    results.quick ? "**A quick run: it shows that everything runs, not how fast.**" : "",
    found.length > 0 ? `![time of each contender in each case](${picture})` : "",
    mediaText(results),
    ratioTable(results, "wallMs", rivalries),
    ratioTable(results, "cpuMs", builds),
    ...results.cases.map(({ name, title }) => caseTable(results, name, title, found)),
    microTable(results),
    absenceList(results),
    results.timings.length > 0 ? notes(results) : "",
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function mediaText({ media }: Results): string {
  if (media === null) return "";
  const videos = media.videos.map(({ name, files, frames, bytes }) => {
    return `- ${name}: ${files} file${files === 1 ? "" : "s"}, ${frames} frames, ${megabytes(bytes / 1e6)}`;
  });
  return `Videos of ${media.folder}:\n\n${videos.join("\n")}`;
}

/** Pairs whose ratio is worth a line. */
const rivalries = [
  ["ours-2", "torchcodec"],
  ["ours-2", "node-av"],
  ["ours-2", "ffmpeg-rgb24"],
  ["ours-1", "ffmpeg-rgb24"],
] as const;

/** What FFmpeg inside the addon costs or saves. */
const builds = [
  ["ours-1", "system-1"],
  ["ours-2", "system-2"],
] as const;

function ratioTable(results: Results, of: "wallMs" | "cpuMs", pairs: typeof rivalries | typeof builds): string {
  const found = pairs.map(([ours, others]) => ({ ours, others, each: ratios(results, ours, others, of) }));
  const shown = found.filter(({ each }) => each.length > 0);
  if (shown.length === 0) return "";
  const lines = results.cases.map(({ name, title }) => {
    const cells = shown.map(({ each }) => {
      const ratio = each.find((one) => one.case === name);
      return ratio === undefined
        ? ""
        : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)})`;
    });
    return [title, ...cells];
  });
  const heads = shown.map(({ ours, others }) => `${ours} / ${/\d$/.test(others) ? "" : "best "}${others}`);
  return `## Ratios of ${of === "wallMs" ? "wall" : "CPU"} time, round by round: median (least to most)\n\n${table(["case", ...heads], lines)}`;
}

function caseTable(results: Results, name: string, title: string, found: readonly Row[]): string {
  const lines = found
    .filter((row) => row.case === name)
    .map((row) => [
      row.title,
      milliseconds(row.medianMs),
      `${milliseconds(row.leastMs)} to ${milliseconds(row.mostMs)}`,
      milliseconds(row.cpuMs),
      megabytes(row.peakRssMb),
      String(row.runs),
    ]);
  if (lines.length === 0) return "";
  const heads = ["contender", "wall, median", "least to most", "CPU, median", "peak memory", "runs"];
  const remarks = results.remarks.filter((remark) => remark.case === name);
  const below = remarks.map(({ contender, text }) => `\n\n${contender} takes part with ${text}.`);
  return `## ${title}\n\n${table(heads, lines)}${below.join("")}`;
}

function microTable({ micro }: Results): string {
  if (micro.length === 0) return "";
  const lines = micro.map(({ group, name, per, medianUs, p99Us, samples }) => {
    return [group, name, per, microseconds(medianUs), microseconds(p99Us), String(samples)];
  });
  return `## Microbenchmarks\n\n${table(["group", "what", "per", "median", "p99", "samples"], lines)}`;
}

function absenceList({ absences }: Results): string {
  if (absences.length === 0) return "";
  const lines = absences.map(({ contender, case: name, reason }) => {
    return `- ${contender}${name === null ? "" : `, ${name}`}: ${reason.replaceAll("\n", " ")}`;
  });
  return `## Did not take part\n\n${lines.join("\n")}`;
}

function notes(results: Results): string {
  const versions = results.contenders.map(({ title, version }) => `- ${title}: ${version}`);
  return [
    "## How to read this",
    [
      "- Before anything was timed, the answers were compared: number of frames, sum of their times, md5 of their pixels.",
      "- Every trial is a process of its own that warms up first; every run opens a copy that no run has seen.",
      "- CPU is of all threads and processes that did the work. Peak memory is of the whole process, libraries included.",
      "- In bulk, torchcodec with 2 threads is 2 processes of one thread each; node-av's threads are FFmpeg's, in one process.",
      "- Contenders take part where they can do the work in one go; ffmpeg's command line has no random access.",
    ].join("\n"),
    versions.join("\n"),
  ].join("\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? join(folder, "latest.json");
  writeReport(load(file), file.replace(/\.json$/, ""));
}
