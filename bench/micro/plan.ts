// The plan of a request: frames sorted, cut at key frames, spread over workers. It runs on the main thread for every batch.
import { type PlannedJob, planFrames } from "../../src/video/plan/frame-plan.js";
import { measure } from "./measure.js";

const frames = 10_000;
const gop = 250;
const workers = 8;

/** Of a video with a key frame every `gop` packets. */
const index = {
  start: Int32Array.from({ length: frames }, (_, i) => i - (i % gop)),
  lastPacket: Int32Array.from({ length: frames }, (_, i) => i),
};
const all = Int32Array.from({ length: frames }, (_, i) => i);
const reversed = all.toReversed();
/** Every frame once, in an order that is neither sorted nor drawn anew each time: 7,919 is prime. */
const scattered = all.map((i) => (i * 7919) % frames);
const ten = Int32Array.from({ length: 10 }, (_, i) => Math.floor((i * (frames - 1)) / 9));

function plan(wanted: Int32Array): void {
  const jobs: readonly PlannedJob[] = planFrames(index, wanted, workers * 4);
  if (jobs.length === 0) throw new Error("no plan");
}

await measure("plan", [
  { name: "10 uniform of 10,000 frames", per: "plan", operations: 1, run: () => plan(ten) },
  { name: "10,000 frames in order", per: "plan", operations: 1, run: () => plan(all) },
  { name: "10,000 frames backwards", per: "plan", operations: 1, run: () => plan(reversed) },
  { name: "10,000 frames scattered", per: "plan", operations: 1, run: () => plan(scattered) },
]);
