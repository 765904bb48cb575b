// `node --expose-gc dist/bench/loader-scale.js [--files 8000] [--clips 10000] [--sound]`: many distinct files through one loader
// of pictures, or of sound, each file once in an epoch, then each one twice: open descriptors, memory against the budget, and
// the main thread's processor time for a clip, which here is that for an item (Linux).
import { linkSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DecoderPool } from "../src/index.js";
import { AudioClipLoader, ClipLoader } from "../src/loader/index.js";
import { smallClip } from "./media.js";
import { benchCache } from "./paths.js";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "8000" },
    clips: { type: "string", default: "10000" },
    sound: { type: "boolean", default: false },
  },
});
const numFiles = Number(values.files);
const numClips = Number(values.clips);

const workers = 2;
const memoryBudget = 64 * 2 ** 20;
const prefetchBytes = 32 * 2 ** 20;
/** Free output memory and open decoders may each take the pool's budget. */
const budget = prefetchBytes + 2 * memoryBudget;

const video = (): string =>
  smallClip("loader-160x120.mp4", [
    ...[
      "-f",
      "lavfi",
      "-i",
      "testsrc2=size=160x120:rate=25",
      "-frames:v",
      "50",
      "-c:v",
      "libx264",
      "-pix_fmt",
      "yuv420p",
    ],
  ]);
const sound = (): string =>
  smallClip("loader-sound.flac", [
    ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=4", "-c:a", "flac"],
  ]);

interface Batch {
  readonly length: number;
  release(): void;
}

type LoaderOf = (pool: DecoderPool, items: readonly string[], epoch: number) => AsyncIterable<Batch>;

const common = (pool: DecoderPool, items: readonly string[], epoch: number) => ({
  pool,
  items,
  batchSize: 8,
  shuffle: { seed: 1, epoch },
  prefetchBytes,
});

const pictures: LoaderOf = (pool, items, epoch) =>
  new ClipLoader({
    ...common(pool, items, epoch),
    sampler: { type: "randomIndices", numFramesPerClip: 8, numIndicesBetweenFrames: 2 },
    dtype: "float32",
  });

const sounds: LoaderOf = (pool, items, epoch) =>
  new AudioClipLoader({
    ...common(pool, items, epoch),
    sampler: { type: "randomTimestamps", secondsPerClip: 2 },
    sampleRate: 16_000,
    numChannels: 1,
  });

/** Bytes resident once what can be freed is. */
function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

/** Seconds for which a processor ran this thread, the main one: workers that take processors away do not count. */
function processorSeconds(): number {
  const [nanoseconds] = readFileSync(`/proc/self/task/${String(process.pid)}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1e9;
}

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

async function measure(name: string, loaderOf: LoaderOf, items: readonly string[]): Promise<void> {
  const pool = new DecoderPool({ workers, memoryBudget });
  // Threads, the addon and FFmpeg are there before the first figure.
  for await (const batch of loaderOf(pool, items.slice(0, 50), 0)) batch.release();
  const base = { descriptors: openDescriptors(), memory: resident() };
  const most = { descriptors: 0, memory: 0 };
  const at: number[] = [];
  let clips = 0;
  let mainThread = 0;
  for (let epoch = 1; clips < numClips; epoch++) {
    let before = processorSeconds();
    let nextLook = 0;
    for await (const batch of loaderOf(pool, items, epoch)) {
      clips += batch.length;
      batch.release();
      if (clips < nextLook) continue;
      mainThread += processorSeconds() - before;
      nextLook = clips + 500;
      most.descriptors = Math.max(most.descriptors, openDescriptors());
      most.memory = Math.max(most.memory, process.memoryUsage.rss());
      at.push(resident());
      before = processorSeconds();
      if (clips >= numClips) break;
    }
    mainThread += processorSeconds() - before;
  }
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const [fifth = NaN, last = NaN] = [at[Math.floor(at.length / 5)], at.at(-1)];
  console.log(
    [
      `${name}: ${String(clips)} clips of ${String(items.length)} items`,
      `  descriptors: at most ${String(most.descriptors - base.descriptors)} more than before`,
      `  memory: at most ${mib(most.memory - base.memory)} MiB more than before (budget ${mib(budget)} MiB); after a fifth of the clips ${mib(fifth)} MiB, after all ${mib(last)} MiB`,
      `  main thread: ${((mainThread * 1e6) / clips).toFixed(0)} us a clip`,
    ].join("\n"),
  );
  await pool.close();
}

console.log(
  `${String(availableParallelism())} processors, load ${loadavg()[0]?.toFixed(1) ?? ""}, ${String(workers)} workers`,
);
// Where the clips are: links do not lead to another file system.
const folder = mkdtempSync(join(benchCache, "links-"));
try {
  const linksTo = (path: string, ending: string): string[] =>
    Array.from({ length: numFiles }, (_, i) => {
      const link = join(folder, `${String(i)}${ending}`);
      linkSync(path, link);
      return link;
    });
  const [name, loaderOf, files] = values.sound
    ? (["sound", sounds, linksTo(sound(), ".flac")] as const)
    : (["pictures", pictures, linksTo(video(), ".mp4")] as const);
  await measure(`${name}, each file once`, loaderOf, files);
  await measure(`${name}, each file twice`, loaderOf, [...files, ...files]);
} finally {
  rmSync(folder, { recursive: true });
}
