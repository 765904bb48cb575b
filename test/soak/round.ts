import { readFileSync } from "node:fs";
import {
  DecoderPool,
  type Frame,
  type FrameBatch,
  type MediaSource,
  type OnError,
  transforms,
  type VideoDecoder,
  type VideoDecoderOptions,
} from "../../src/index.js";
import { type Random, randomInteger, seededRandom } from "../../src/protocol/random.js";
import { digest } from "../api/support/pixels.js";
import { asyncSource } from "../api/support/readable-sources.js";
import { type Keep, type Tally, randomCall } from "./calls.js";
import { type Subject, Wrong, checkBatch, checkError } from "./checks.js";
import type { SoakFile } from "./media.js";
import { type Format, native, type Truth } from "./truth.js";

/** Small ones take open readers away from files that are still in use. */
const budgets = [0, 2 ** 20, 2 ** 24, 2 ** 28];
const formats: readonly Format[] = [
  native,
  native,
  native,
  { pixelFormat: "rgb24" },
  { pixelFormat: "gray8" },
  { pixelFormat: "rgba" },
  { pixelFormat: "rgb24", dimensionOrder: "NCHW" },
  { pixelFormat: "rgb24", dtype: "float32" },
  { pixelFormat: "rgb24", transforms: [transforms.resize([40, 56])] },
];
const policies: readonly OnError[] = ["throw", "throw", "skip", "nearest"];

function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[randomInteger(random, 0, items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

export interface RoundOptions {
  readonly seed: number;
  readonly round: number;
  /** Pictures of 128x72 to be compared in a round; of larger ones fewer. */
  readonly accesses: number;
}

interface Place {
  readonly file: SoakFile;
  readonly options: Omit<VideoDecoderOptions, "seekMode">;
  readonly isExact: boolean;
  /** Its index is kept outside and given back. */
  readonly isSaved: boolean;
  readonly source: string;
  readonly frames: Subject["frames"];
}

/**
 * A pool of its own, a few files, decoders that share them, and random calls. What is asked is told by seed, round and step
 * alone, so that a round can be repeated; how calls overlap is left to chance. Throws Wrong.
 */
export async function soakRound(
  truth: Truth,
  files: readonly SoakFile[],
  { seed, round, accesses }: RoundOptions,
  tally: Tally,
): Promise<void> {
  const random = seededRandom(seed, round);
  const memoryBudget = pick(random, budgets);
  const workers = randomInteger(random, 1, 4);
  const chosen = Array.from({ length: randomInteger(random, 1, 4) }, () => pick(random, files));
  const places: Place[] = [];
  for (let count = randomInteger(random, 2, 7); count > 0; count--) {
    const place = await anyPlace(truth, pick(random, chosen), random);
    if (place !== undefined) places.push(place);
  }
  if (places.length === 0) return;
  await using pool = new DecoderPool({ workers, memoryBudget });
  const held = new Held();
  const opened = places.map((place) => quiet(open(pool, place)));
  const budget = { left: accesses };
  const atOnce = randomInteger(random, 1, 7);
  let step = 0;
  let failure: Error | undefined;
  const runner = async (): Promise<void> => {
    while (budget.left > 0 && failure === undefined) {
      const number = step++;
      const own = seededRandom(seed, round, number);
      const at = randomInteger(own, 0, places.length);
      const before = tally.accesses;
      const place = places[at]!;
      try {
        if (own() < 0.01) opened[at] = quiet(reopen(pool, place, opened[at]));
        else if (own() < 0.02) await extract(pool, place, own, tally);
        else {
          const subject = await opened[at];
          const keep: Keep = (result) => held.take(result, own);
          if (subject !== undefined) await randomCall({ subject, random: own, tally, keep });
        }
      } catch (error) {
        failure ??= explained(error, `seed ${seed} round ${round} step ${number}`);
      }
      budget.left -= Math.max(1, tally.accesses - before) * cost(place);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runner));
  held.check();
  if (failure !== undefined) throw failure;
}

/** Whoever uses it meets its failure. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function explained(error: unknown, where: string): Error {
  if (error instanceof Wrong) return new Wrong(`${where}: ${error.message}`);
  return new Error(where, { cause: error });
}

/** How much more than a small one a picture of the file takes. */
function cost({ frames }: Place): number {
  const [, width = 0, height = 0] = (
    /(\d+)x(\d+)/.exec(frames.find(({ shape }) => shape !== "")?.shape ?? "") ?? []
  ).map(Number);
  return Math.max(1, (width * height) / (128 * 72) / 4);
}

async function anyPlace(truth: Truth, file: SoakFile, random: Random): Promise<Place | undefined> {
  const format = pick(random, formats);
  const threads = randomInteger(random, 0, 4);
  // Approximate mode knows nothing of parameter sets that were sent once, somewhere before.
  const isExact = random() < 0.8 || /^(?:headers|exact)-/.test(file.name);
  const options = {
    ...format,
    onError: pick(random, policies),
    ...(threads > 0 && { threadsPerWorker: threads }),
  };
  const source = pick(random, ["path", "path", "path", "bytes", "asked"]);
  const frames = await truth.of(file, format);
  const isSaved = isExact && random() < 0.25;
  return frames === undefined ? undefined : { file, options, isExact, isSaved, source, frames };
}

function sourceOf({ file, source }: Place): MediaSource {
  if (source === "path") return file.path();
  const bytes = readFileSync(file.path());
  return source === "bytes" ? bytes : asyncSource(bytes);
}

/** undefined where approximate mode says that the header tells too little. */
async function open(pool: DecoderPool, place: Place): Promise<Subject | undefined> {
  const { file, options, isExact, isSaved, source, frames } = place;
  const seekMode = isExact ? "exact" : "approximate";
  const name = `${file.name} ${source} ${isSaved ? "saved" : seekMode} ${JSON.stringify(options)}`;
  try {
    const video = isSaved
      ? await openSaved(pool, place)
      : await pool.openVideo(sourceOf(place), { ...options, seekMode });
    if (isExact && video.length !== frames.length) throw new Wrong(`${name}: ${video.length} frames`);
    const { onError = "throw", pixelFormat } = options;
    return { name, video, frames, onError, isExact, isNative: pixelFormat === "native", closing: { begun: false } };
  } catch (error) {
    if (!isExact && error instanceof Error && "code" in error && error.code === "E_METADATA") return undefined;
    throw error instanceof Wrong ? error : new Wrong(`${name}: ${String(error)}`);
  }
}

async function openSaved(pool: DecoderPool, place: Place): Promise<VideoDecoder> {
  const first = await pool.openVideo(sourceOf(place), place.options);
  const index = await first.saveIndex();
  await first.close();
  return await pool.openVideo(sourceOf(place), { ...place.options, index });
}

/** Closed while others may use it, and opened again. */
async function reopen(
  pool: DecoderPool,
  place: Place,
  before: Promise<Subject | undefined> | undefined,
): Promise<Subject | undefined> {
  const subject = await before;
  if (subject !== undefined) subject.closing.begun = true;
  await subject?.video.close();
  return await open(pool, place);
}

async function extract(pool: DecoderPool, place: Place, random: Random, tally: Tally): Promise<void> {
  const { options, frames } = place;
  const name = `extract ${place.file.name} ${place.source} ${JSON.stringify(options)}`;
  const { onError = "throw" } = options;
  const subject = { name, frames, onError, isExact: true, isNative: options.pixelFormat === "native" };
  const requests = Array.from({ length: randomInteger(random, 1, 4) }, () => ({
    source: sourceOf(place),
    indices: Array.from({ length: randomInteger(random, 1, 12) }, () => randomInteger(random, 0, frames.length)),
  }));
  for await (const { key, batch, error } of pool.extract(requests, options)) {
    const wanted = requests[key]?.indices ?? [];
    if (batch !== undefined) {
      tally.accesses += checkBatch(subject, wanted, batch);
      batch.release();
    } else {
      const code = checkError(subject, wanted, error, true);
      tally.errors.set(code, (tally.errors.get(code) ?? 0) + 1);
    }
  }
}

const mostHeld = 6;

/** Results that are kept for a while, released, or only forgotten: what is kept must not change. */
class Held {
  readonly #kept: { readonly result: Frame | FrameBatch; readonly digest: string }[] = [];

  take(result: Frame | FrameBatch, random: Random): void {
    const fate = random();
    if (fate < 0.15) this.#kept.push({ result, digest: digest(result) });
    else if (fate < 0.8) result.release();
    if (this.#kept.length > mostHeld) this.#checkFirst();
  }

  check(): void {
    while (this.#kept.length > 0) this.#checkFirst();
  }

  #checkFirst(): void {
    const first = this.#kept.shift();
    if (first === undefined) return;
    if (digest(first.result) !== first.digest) throw new Wrong("pixels that are held have changed");
    first.result.release();
  }
}
