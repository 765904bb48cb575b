// trial.js ORDER: one scenario in a process of its own, with this library; prints a report.
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { Bench } from "tinybench";
import { DecoderPool, type MediaSource, fileLike, httpSource } from "../../src/index.js";
import { FileOpCounter } from "./examples/file-op-counter.js";
import type { Operations, StreamingOrder, StreamingReport } from "./scenarios.js";

const order = JSON.parse(process.argv[2] ?? "") as StreamingOrder;
const { scenario, path, seekMode } = order;
const pool = new DecoderPool({ workers: 2 });
const existing = scenario === "bytes" ? readFileSync(path) : undefined;
let operations: Operations | undefined;
let run = 0;

/** The server knows the same file under every query; for who asks, it is another file. */
const freshUrl = (): URL => new URL(`${order.url}?run=${process.pid}-${run++}`);
const server = (what: string): Promise<Response> => fetch(new URL(what, order.url));

async function firstFrame(source: MediaSource): Promise<Uint8Array[]> {
  const video = await pool.openVideo(source, { seekMode });
  const { data } = await video.getFrameAt(0);
  await video.close();
  return [pixels(data)];
}

async function uniform(source: MediaSource): Promise<Uint8Array[]> {
  const video = await pool.openVideo(source, { seekMode });
  const indices = Array.from({ length: 10 }, (_, i) => Math.floor((i * (video.length - 1)) / 9));
  const batch = await video.getFramesAt(indices);
  await video.close();
  return [pixels(batch.data)];
}

async function counted(): Promise<Uint8Array[]> {
  const file = openSync(path, "r");
  const counter = new FileOpCounter(fileLike(file));
  const video = await pool.openVideo(counter, { seekMode });
  const { numReads, numSeeks } = counter;
  const { data } = await video.getFrameAt(0);
  operations = {
    openReads: numReads,
    openSeeks: numSeeks,
    frameReads: counter.numReads - numReads,
    frameSeeks: counter.numSeeks - numSeeks,
  };
  await video.close();
  closeSync(file);
  return [pixels(data)];
}

async function go(): Promise<Uint8Array[]> {
  switch (scenario) {
    case "bytes":
      return await firstFrame(existing ?? new Uint8Array(0));
    case "path":
      return await firstFrame(path);
    case "handle": {
      const file = await open(path);
      const frames = await firstFrame(file);
      await file.close();
      return frames;
    }
    case "download":
      return await firstFrame(new Uint8Array(await (await fetch(freshUrl())).arrayBuffer()));
    case "direct":
      return await firstFrame(freshUrl());
    case "stream":
    case "uniform10": {
      const source = httpSource(freshUrl());
      const frames = await (scenario === "stream" ? firstFrame(source) : uniform(source));
      source.close();
      return frames;
    }
    case "counter":
      return await counted();
  }
}

function pixels(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new Error("not rgb24");
}

const digest = createHash("md5");
for (const data of await go()) digest.update(data);
const bench = new Bench({ iterations: order.runs, time: 0, warmup: false, retainSamples: true, throws: true });
bench.add(
  scenario,
  async () => {
    await go();
  },
  {
    async: true,
    beforeEach: async () => {
      globalThis.gc?.();
      await server("/__reset");
    },
  },
);
const [task] = await bench.run();
const result = task?.result;
if (result?.state !== "completed") throw new Error(`nothing was timed: ${result?.state}`);
const traffic = (await (await server("/__traffic")).json()) as { requests: number; bytes: number };
await pool.close();
const report: StreamingReport = {
  wallMs: result.latency.samples ?? [],
  pixels: digest.digest("hex"),
  traffic: { requests: traffic.requests, bytes: traffic.bytes },
  ...(operations === undefined ? {} : { operations }),
};
console.log(JSON.stringify(report));
