import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { firstLine, output } from "../commands.js";
import { python } from "../contenders/torchcodec.js";
import { milliseconds } from "../format.js";
import { longVideos } from "../media.js";
import type { Environment } from "../model.js";
import { benchSources } from "../paths.js";
import { median } from "../summary.js";
import { type Line, type StreamingRow, saveStreaming } from "./report.js";
import { type ScenarioName, type StreamingOrder, type StreamingReport, scenarios } from "./scenarios.js";

interface Contender {
  readonly name: string;
  /** Undefined: this checkout. */
  readonly version?: string;
  readonly seekMode: StreamingOrder["seekMode"];
  /** Its frame numbers are positions by the average rate: near where the rate is not constant, and said to be so. */
  readonly picksNeighbours: boolean;
  /** Undefined: in all of them. */
  readonly only?: ScenarioName;
  /** Reads whole files whatever it is asked: timed once. */
  readonly slow?: boolean;
  trial(order: StreamingOrder): string;
}

const ourTrial = fileURLToPath(new URL("./trial.js", import.meta.url));
const theirTrial = join(benchSources, "streaming/torchcodec_streaming.py");

/** The tutorial's scenarios, all contenders against one server on loopback; returns whether all saw the same pictures. */
export async function runStreaming(
  media: string | undefined,
  rounds: number,
  quick: boolean,
  line: Line,
  environment: Environment,
): Promise<boolean> {
  const videos = longVideos(media);
  const reference = ours("exact");
  const contenders = [reference, ours("approximate"), ...ffmpeg(), ...theirs()];
  const versions = [...new Set(contenders.flatMap(({ version }) => version ?? []))];
  const rows: StreamingRow[] = [];
  let agree = true;
  console.log(`loopback, ${line.latencyMs} ms before each answer, one line of ${line.megabitsPerSecond} Mbit/s`);
  await withServer(
    line,
    videos.map(({ path }) => path),
    (urls) => {
      for (const [i, video] of videos.entries()) {
        for (const scenario of quick ? scenarios.filter((one) => !("slow" in one)) : scenarios) {
          const reports = new Map<Contender, StreamingReport[]>();
          for (let round = 0; round < rounds; round++) {
            for (const contender of contenders) {
              if (contender.only !== undefined && contender.only !== scenario.name) continue;
              if (contender.slow === true && quick) continue;
              const runs = quick || "slow" in scenario || contender.slow === true ? 1 : 3;
              const order = {
                ...video,
                url: urls[i] ?? "",
                scenario: scenario.name,
                seekMode: contender.seekMode,
                runs,
              };
              const report = JSON.parse(contender.trial(order)) as StreamingReport;
              reports.set(contender, [...(reports.get(contender) ?? []), report]);
            }
          }
          for (const [contender, all] of reports) rows.push(row(video.title, scenario.title, contender.name, all));
          const different = [...reports].filter(([, all]) => !samePixels(all, reports.get(reference) ?? []));
          for (const [contender] of different) {
            const isExpected = contender.picksNeighbours && scenario.name === "uniform10";
            agree &&= isExpected;
            const why = isExpected
              ? "pictures beside those asked for, as approximate mode may"
              : "other pictures than framepool";
            console.log(`${video.title}, ${scenario.title}, ${contender.name}: ${why}`);
          }
          for (const one of rows.slice(-reports.size)) console.log(text(one, scenario.remote));
        }
      }
    },
  );
  const name = saveStreaming({ schema: 1, environment, line, rounds, quick, versions, rows });
  console.log(`written: ${name}.json and .md`);
  return agree;
}

const samePixels = (some: readonly StreamingReport[], others: readonly StreamingReport[]): boolean =>
  new Set([...some, ...others].map(({ pixels }) => pixels)).size === 1;

function ours(seekMode: StreamingOrder["seekMode"]): Contender {
  const name = `framepool, ${seekMode}`;
  return {
    name,
    seekMode,
    // An MP4's index is exact in both modes.
    picksNeighbours: false,
    trial: (order) => output(process.execPath, ["--expose-gc", ourTrial, JSON.stringify(order)]),
  };
}

/** FFmpeg's own HTTP. The start of its process is in its times, and it makes no index: it only goes on from the beginning. */
function ffmpeg(): Contender[] {
  const version = firstLine("ffmpeg", ["-version"]);
  console.log(version ?? "ffmpeg: skipped, it is not installed");
  if (version === undefined) return [];
  const script = fileURLToPath(new URL("./ffmpeg-trial.js", import.meta.url));
  const trial = (order: StreamingOrder): string => output(process.execPath, [script, JSON.stringify(order)]);
  return [
    { name: "ffmpeg, its own HTTP", seekMode: "approximate", picksNeighbours: false, only: "direct", version, trial },
  ];
}

/** In exact mode, its default, it downloads the file twice for the first frame: once is enough to see that. */
function theirs(): Contender[] {
  const interpreter = python();
  let version: string;
  try {
    if (interpreter === undefined) throw new Error("no Python with torchcodec: bench/peers.sh makes one");
    version = output(interpreter, [theirTrial, "--version"]).trim();
    console.log(version);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n").at(-1) : String(error);
    console.log(`torchcodec: skipped, ${reason}`);
    return [];
  }
  const trial = (order: StreamingOrder): string => output(interpreter, [theirTrial, JSON.stringify(order)]);
  return [
    { name: "torchcodec, approximate", seekMode: "approximate", picksNeighbours: true, version, trial },
    {
      name: "torchcodec, exact",
      seekMode: "exact",
      picksNeighbours: false,
      only: "stream",
      slow: true,
      version,
      trial,
    },
  ];
}

/** In a process of its own, which does not wait for what the contenders do. */
async function withServer(
  line: Line,
  files: readonly string[],
  body: (urls: readonly string[]) => void,
): Promise<void> {
  const script = fileURLToPath(new URL("./server.js", import.meta.url));
  const args = [script, String(line.latencyMs), String(line.megabitsPerSecond), ...files];
  const server = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = new Promise((resolve) => server.once("close", resolve));
  try {
    const [addresses] = await Promise.race([
      createInterface(server.stdout)
        [Symbol.asyncIterator]()
        .next()
        .then(({ value }) => [value as string | undefined]),
      closed.then(() => [undefined]),
    ]);
    if (addresses === undefined) throw new Error("the server did not start");
    body(JSON.parse(addresses) as string[]);
  } finally {
    server.stdin.end();
    await closed;
  }
}

function row(video: string, scenario: string, contender: string, reports: readonly StreamingReport[]): StreamingRow {
  const last = reports.at(-1);
  if (last === undefined) throw new Error("no round");
  const wallMs = reports.flatMap((report) => report.wallMs);
  return { video, scenario, contender, medianMs: median(wallMs), report: { ...last, wallMs } };
}

function text({ video, scenario, contender, medianMs, report }: StreamingRow, remote: boolean): string {
  const { traffic, operations } = report;
  const parts = [`${video}, ${scenario}, ${contender}: ${milliseconds(medianMs)}`];
  if (remote && traffic !== null)
    parts.push(`${traffic.requests} requests, ${(traffic.bytes / 2 ** 20).toFixed(2)} MiB`);
  if (operations !== undefined) {
    const { openReads, openSeeks, frameReads, frameSeeks } = operations;
    parts.push(`opening ${openReads} reads, ${openSeeks} seeks; first frame ${frameReads} reads, ${frameSeeks} seeks`);
  }
  return parts.join("; ");
}
