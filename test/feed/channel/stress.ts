// Many round trips through the request channel, every answer checked. By itself: `node dist/test/feed/channel/stress.js 1000000`.
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { LocalChannel } from "../../../src/feed/channel/local-channel.js";
import type { ChannelRef } from "../../../src/protocol/channel.js";
import type { RemoteSource } from "../../../src/sources/byte-source.js";

export interface ReaderData {
  readonly ref: ChannelRef;
  readonly reads: number;
  readonly seed: number;
  readonly source: number;
}

export interface ReaderResult {
  answered: number;
  cancelled: number;
  failed: number;
  /** Lost, stale or mixed. */
  wrong: number;
}

/** Answers at once, a little later, or with an error; always as the position says. */
const source: RemoteSource = {
  label: "a pattern",
  open: () => Promise.resolve({ size: 2 ** 40, key: undefined, coming: 0 }),
  readInto(target, position) {
    if (position % 64 === 7) throw new Error(`not at ${String(position)}`);
    if (position % 4 !== 0) return fill(target, position);
    return new Promise((resolve) => setImmediate(() => resolve(fill(target, position))));
  },
  share: () => Promise.resolve([]),
  close: () => undefined,
};

function fill(target: Uint8Array, position: number): number {
  for (let i = 0; i < target.length; i++) target[i] = (position + i) % 251;
  return target.length;
}

export async function stress(roundTrips: number, threads: number): Promise<ReaderResult> {
  const channel = new LocalChannel();
  const id = channel.register(source);
  const readers = Array.from({ length: threads }, async (_, slot): Promise<ReaderResult> => {
    const reads = Math.floor((roundTrips * (slot + 1)) / threads) - Math.floor((roundTrips * slot) / threads);
    const data: ReaderData = { ref: channel.forSlot(slot), reads, seed: slot + 1, source: id };
    const worker = new Worker(new URL("./reader-thread.js", import.meta.url), { workerData: data });
    const [result] = (await once(worker, "message")) as [ReaderResult];
    return result;
  });
  const results = await Promise.all(readers);
  channel.close();
  const sum = (key: keyof ReaderResult): number => results.reduce((total, result) => total + result[key], 0);
  return { answered: sum("answered"), cancelled: sum("cancelled"), failed: sum("failed"), wrong: sum("wrong") };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const began = performance.now();
  const roundTrips = Number(process.argv[2] ?? 1_000_000);
  const result = await stress(roundTrips, 4);
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ roundTrips, ...result, seconds: Number(seconds.toFixed(1)) }));
  process.exitCode = result.wrong === 0 ? 0 : 1;
}
