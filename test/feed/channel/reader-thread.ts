// A worker that reads through a channel and checks what it gets; now and then it gives up, as a cancelled job does.
import { parentPort, workerData } from "node:worker_threads";
import { ChannelClient } from "../../../workers/channel-client.js";
import type { ReaderData, ReaderResult } from "./stress.js";

const { ref, reads, seed, source } = workerData as ReaderData;
const client = new ChannelClient(ref);
let state = seed;
const random = (below: number): number => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % below;
};

const result: ReaderResult = { answered: 0, cancelled: 0, failed: 0, wrong: 0 };
for (let i = 0; i < reads; i++) {
  const position = random(2 ** 20) * 2 ** 20 + random(2 ** 20);
  const length = 1 + random(64);
  // After so many looks at the state.
  let looks = random(16) === 0 ? random(3) : Infinity;
  const outcome = client.read(source, position, length, {
    patienceMs: 60_000,
    cancelled: () => looks-- <= 0,
    stalled: () => undefined,
  });
  if (outcome === "cancelled") result.cancelled++;
  else if (typeof outcome !== "number") {
    const right = outcome.reason === `the source failed: not at ${String(position)}` && position % 64 === 7;
    if (right) result.failed++;
    else result.wrong++;
  } else {
    const right =
      outcome === length && client.data.subarray(0, length).every((byte, k) => byte === (position + k) % 251);
    if (right) result.answered++;
    else result.wrong++;
  }
}
parentPort?.postMessage(result);
