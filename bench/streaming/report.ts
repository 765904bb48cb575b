// report.js FILE.json: the Markdown page of results of the ways to a video, beside them.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "../environment.js";
import { milliseconds, table } from "../format.js";
import type { Environment } from "../model.js";
import { results as folder } from "../paths.js";
import { type StreamingReport, scenarios } from "./scenarios.js";

/** A line between continents would have more latency, one to the next rack less; both are options. */
export interface Line {
  readonly latencyMs: number;
  readonly megabitsPerSecond: number;
}

export interface StreamingRow {
  readonly video: string;
  readonly scenario: string;
  readonly contender: string;
  /** Of all runs in all rounds. */
  readonly medianMs: number;
  readonly report: StreamingReport;
}

export interface StreamingResults {
  readonly schema: 1;
  readonly environment: Environment;
  readonly line: Line;
  readonly rounds: number;
  readonly quick: boolean;
  /** Of what took part, as it says itself. */
  readonly versions: readonly string[];
  readonly rows: readonly StreamingRow[];
}

/** Writes results and their page; returns their name without the extension. */
export function saveStreaming(results: StreamingResults): string {
  mkdirSync(folder, { recursive: true });
  const name = join(folder, "latest-streaming");
  writeFileSync(`${name}.json`, `${JSON.stringify(results, undefined, 1)}\n`);
  writeReport(results, name);
  return name;
}

function writeReport(results: StreamingResults, name: string): void {
  writeFileSync(`${name}.md`, `${markdown(results)}\n`);
}

function markdown(results: StreamingResults): string {
  const { environment, line, rounds, quick, versions, rows } = results;
  const videos = [...new Set(rows.map(({ video }) => video))];
  const parts = [
    "# Ways to a video: benchmark results",
    describe(environment)
      .map((text) => `- ${text}`)
      .join("\n"),
    versions.map((version) => `- ${version}`).join("\n"),
    quick ? "**A quick run: it shows that everything runs, not how fast.**" : "",
    `206 s of 1080p in 250 MB; a server on loopback, ${String(line.latencyMs)} ms before each answer, one line of ${String(line.megabitsPerSecond)} Mbit/s. Rounds: ${String(rounds)}; a process for each, which warms up first. The pictures of all were compared.`,
    ratioTable(rows, videos),
    ...videos.map((video) => videoTable(rows, video)),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const title = (name: string): string => scenarios.find((scenario) => scenario.name === name)?.title ?? name;

/** Whom ours is compared with, in which scenario. */
const rivalries = [
  { scenario: "stream", other: "torchcodec, approximate" },
  { scenario: "stream", other: "torchcodec, exact" },
  { scenario: "direct", other: "ffmpeg, its own HTTP" },
  { scenario: "uniform10", other: "torchcodec, approximate" },
] as const;

function ratioTable(rows: readonly StreamingRow[], videos: readonly string[]): string {
  const lines = rivalries.flatMap(({ scenario, other }) =>
    ["framepool, exact", "framepool, approximate"].flatMap((own) => {
      const cells = videos.map((video) => {
        const find = (contender: string): number =>
          rows.find((row) => row.video === video && row.scenario === title(scenario) && row.contender === contender)
            ?.medianMs ?? NaN;
        const ratio = find(own) / find(other);
        return Number.isNaN(ratio) ? "" : ratio.toFixed(3);
      });
      return cells.every((cell) => cell === "") ? [] : [[title(scenario), `${own} / ${other}`, ...cells]];
    }),
  );
  return lines.length === 0 ? "" : `## Ratios of median times\n\n${table(["way", "whose", ...videos], lines)}`;
}

function videoTable(rows: readonly StreamingRow[], video: string): string {
  const lines = rows
    .filter((row) => row.video === video)
    .map(({ scenario, contender, medianMs, report: { wallMs, traffic, operations } }) => {
      const remote = scenarios.find((one) => one.title === scenario)?.remote === true;
      const sum = (a: number, b: number, what: string): string => `${String(a + b)} ${what}`;
      const asked =
        operations === undefined
          ? ""
          : `${sum(operations.openReads, operations.frameReads, "reads")}, ${sum(operations.openSeeks, operations.frameSeeks, "seeks")}`;
      const requests = remote && traffic !== null ? String(traffic.requests) : asked;
      const bytes = remote && traffic !== null ? `${(traffic.bytes / 2 ** 20).toFixed(2)} MiB` : "";
      const range = `${milliseconds(Math.min(...wallMs))} to ${milliseconds(Math.max(...wallMs))}`;
      return [scenario, contender, milliseconds(medianMs), range, requests, bytes, String(wallMs.length)];
    });
  const heads = ["way", "contender", "wall, median", "least to most", "requests", "bytes", "runs"];
  return `## ${video}\n\n${table(heads, lines)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? join(folder, "latest-streaming.json");
  writeReport(JSON.parse(readFileSync(file, "utf8")) as StreamingResults, file.replace(/\.json$/, ""));
}
