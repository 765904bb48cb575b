import { propertyOf } from "../errors.js";
import type { DecoderPool, EncodeOptions, MediaSource } from "../index.js";
import { clipSamples } from "./clips.js";
import type { ShardSettings } from "./options.js";
import type { DatasetInput, ShardPlan } from "./plan.js";
import { type Samples, pictureSample } from "./samples.js";

/** What an input comes to: gone through once, to its end or its error. */
export interface Outcome {
  readonly shard: ShardPlan;
  readonly input: DatasetInput;
  readonly pieces: AsyncIterable<Samples> | Iterable<Samples>;
}

/** Of all inputs of all shards, in their order, one after the other through the pool: at a shard's end no worker waits for the next to begin. */
export function samplesOfAll(
  pool: DecoderPool,
  shards: readonly ShardPlan[],
  settings: ShardSettings,
): AsyncGenerator<Outcome, void, undefined> {
  const { encode, clip, sound } = settings;
  if (encode.format === "npy" || clip !== undefined || sound !== undefined) return clipsOfAll(pool, shards, settings);
  return picturesOfAll(pool, shards, encode, settings);
}

async function* picturesOfAll(
  pool: DecoderPool,
  shards: readonly ShardPlan[],
  encode: EncodeOptions,
  settings: ShardSettings,
): AsyncGenerator<Outcome, void, undefined> {
  const { select, decoding, open, signal } = settings;
  const requests = shards.flatMap((shard) =>
    shard.inputs.map((input) => ({ ...select, source: open(input.source), key: { shard, input } })),
  );
  for await (const result of pool.extract(requests, { ...decoding, signal, encode, ordered: true })) {
    const { key } = result;
    if (result.images !== undefined) {
      yield { ...key, pieces: [{ samples: result.images.map(pictureSample), skipped: result.skipped }] };
    } else if (propertyOf(result.error, "code") === "E_LIMIT") {
      // More pictures than fit into one answer: they are taken as they come.
      yield { ...key, pieces: singlePictures(pool, open(key.input.source), encode, settings) };
    } else yield { ...key, pieces: failing(result.error) };
  }
}

async function* singlePictures(
  pool: DecoderPool,
  source: MediaSource,
  encode: EncodeOptions,
  { select, decoding, signal }: ShardSettings,
): AsyncGenerator<Samples, void, undefined> {
  const video = await pool.openVideo(source, { ...decoding, signal });
  try {
    const skipped: { index: number }[] = [];
    const images = video.getImages(select, { encode, onSkip: (frame) => skipped.push(frame), signal });
    for await (const image of images) yield { samples: [pictureSample(image)], skipped: skipped.splice(0) };
    yield { samples: [], skipped };
  } finally {
    await video.close();
  }
}

/** Files that are opened, and begun to be decoded, before it is their turn. */
const mostAhead = 8;

async function* clipsOfAll(
  pool: DecoderPool,
  shards: readonly ShardPlan[],
  settings: ShardSettings,
): AsyncGenerator<Outcome, void, undefined> {
  const inputs = shards.flatMap((shard) => shard.inputs.map((input) => ({ shard, input })));
  const begun: Begun[] = [];
  const ahead = Math.min(mostAhead, Math.max(1, pool.workers));
  try {
    for (const [place, key] of inputs.entries()) {
      for (const { input } of inputs.slice(place + begun.length, place + 1 + ahead)) {
        begun.push(new Begun(clipSamples(pool, settings.open(input.source), settings)));
      }
      const next = begun.shift();
      if (next !== undefined) yield { ...key, pieces: next };
    }
  } finally {
    await Promise.all(begun.map((one) => one.end()));
  }
}

/** An input whose first samples are on their way. */
class Begun implements AsyncIterable<Samples> {
  readonly #pieces: AsyncGenerator<Samples, void, undefined>;
  readonly #first: Promise<IteratorResult<Samples, void>>;

  constructor(pieces: AsyncGenerator<Samples, void, undefined>) {
    this.#pieces = pieces;
    this.#first = pieces.next();
    // Whose turn comes is told.
    this.#first.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Samples, void, undefined> {
    try {
      const first = await this.#first;
      if (first.done !== true) yield first.value;
      yield* this.#pieces;
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    await this.#pieces.return();
  }
}

function* failing(error: unknown): Generator<Samples, void, undefined> {
  yield* [];
  throw error;
}
