// `node dist/bench/loader.js [--media FOLDER] [--rounds 3]`: clips of 16 frames, 2 apart, at 224x224 float32 normalised, from a
// data set, two workers; ours against torchcodec in a PyTorch DataLoader, one after the other in each round.
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DecoderPool, transforms } from "../src/index.js";
import { ClipLoader } from "../src/loader/index.js";
import { output } from "./commands.js";
import { python } from "./contenders/torchcodec.js";
import { findMedia } from "./media.js";
import { benchSources } from "./paths.js";

interface DataSet {
  readonly name: string;
  readonly files: readonly string[];
  readonly clipsPerFile: number;
  readonly batchSize: number;
}

const { values } = parseArgs({
  options: { media: { type: "string" }, rounds: { type: "string", default: "3" } },
});
const media = findMedia(values.media, 200);
const long = Array.from({ length: 5 }, () => [...media.files.minute, ...media.files.quarter]).flat();
const dataSets: readonly DataSet[] = [
  { name: "short videos, 1 clip each", files: media.files.clips, clipsPerFile: 1, batchSize: 8 },
  { name: "long videos, 4 clips each", files: long, clipsPerFile: 4, batchSize: 8 },
];

interface Measured {
  readonly clipsPerSecond: number;
  /** Microseconds of the main thread a clip. */
  readonly mainThread: number;
}

async function ours(pool: DecoderPool, set: DataSet, epoch: number): Promise<Measured> {
  const loader = new ClipLoader({
    pool,
    items: set.files,
    sampler: {
      type: "randomIndices",
      numClips: set.clipsPerFile,
      numFramesPerClip: 16,
      numIndicesBetweenFrames: 2,
    },
    transforms: [
      transforms.resize([224, 224]),
      transforms.normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
    ],
    dtype: "float32",
    dimensionOrder: "NCHW",
    batchSize: set.batchSize,
    shuffle: { seed: 1, epoch },
  });
  const before = performance.eventLoopUtilization();
  const start = performance.now();
  let clips = 0;
  for await (const batch of loader) {
    clips += batch.length;
    batch.release();
  }
  const seconds = (performance.now() - start) / 1000;
  const { active } = performance.eventLoopUtilization(before);
  return { clipsPerSecond: clips / seconds, mainThread: (active * 1000) / clips };
}

function theirs(command: string, set: DataSet): number {
  const script = join(benchSources, "contenders/torchcodec_loader.py");
  const items = Math.max(1, Math.floor(set.batchSize / set.clipsPerFile));
  const told = output(command, [script, String(set.clipsPerFile), "1", String(items), ...set.files]);
  const [seconds = NaN] = JSON.parse(told) as number[];
  return (set.files.length * set.clipsPerFile) / seconds;
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? NaN;

const peer = python();
if (peer === undefined) console.log("torchcodec is not installed here: bench/peers.sh installs it");
console.log(`${String(availableParallelism())} processors, load ${loadavg()[0]?.toFixed(1) ?? ""}, ${media.folder}`);
const pool = new DecoderPool({ workers: 2 });
for (const set of dataSets) {
  await ours(pool, set, 0);
  const own: Measured[] = [];
  const others: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    own.push(await ours(pool, set, round));
    if (peer !== undefined) others.push(theirs(peer, set));
  }
  const rate = median(own.map(({ clipsPerSecond }) => clipsPerSecond));
  const mainThread = median(own.map((one) => one.mainThread));
  const memory = process.memoryUsage.rss() / 2 ** 20;
  console.log(
    `${set.name}: ${rate.toFixed(1)} clips/s, main thread ${mainThread.toFixed(0)} us a clip, ${memory.toFixed(0)} MiB`,
  );
  if (others.length > 0)
    console.log(`  torchcodec ${median(others).toFixed(1)} clips/s: ${(rate / median(others)).toFixed(2)} times`);
}
await pool.close();
