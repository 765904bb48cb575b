// ffmpeg-trial.js ORDER: the first frame by FFmpeg's command line and its own HTTP, a process each time; prints a report.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { StreamingOrder, StreamingReport } from "./scenarios.js";

const order = JSON.parse(process.argv[2] ?? "") as StreamingOrder;
const largestFrame = 64 * 2 ** 20;

function firstFrame(run: number): Uint8Array {
  const url = `${order.url}?run=${String(process.pid)}-${String(run)}`;
  const input = ["-v", "error", "-nostdin", "-i", url, "-map", "0:v:0", "-frames:v", "1"];
  const done = spawnSync("ffmpeg", [...input, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], { maxBuffer: largestFrame });
  if (done.status !== 0) throw new Error(`ffmpeg: ${done.stderr.toString()}`);
  return done.stdout;
}

const server = (what: string): Promise<Response> => fetch(new URL(what, order.url));

const digest = createHash("md5").update(firstFrame(0)).digest("hex");
const wallMs: number[] = [];
for (let run = 1; run <= order.runs; run++) {
  await server("/__reset");
  const began = performance.now();
  firstFrame(run);
  wallMs.push(performance.now() - began);
}
const { requests, bytes } = (await (await server("/__traffic")).json()) as { requests: number; bytes: number };
const report: StreamingReport = { wallMs, pixels: digest, traffic: { requests, bytes } };
console.log(JSON.stringify(report));
