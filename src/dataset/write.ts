import { FramepoolError, messageOf, propertyOf } from "../errors.js";
import { DecoderPool, type EncodedImage } from "../index.js";
import { type DatasetOptions, type ShardSettings, datasetSettings } from "./options.js";
import { type DatasetInput, type ShardPlan, planShards } from "./plan.js";
import {
  type DatasetFailure,
  type SampleRecord,
  type ShardRecord,
  codeOf,
  doneShard,
  isPassing,
  recordName,
  sizeOf,
  tableName,
} from "./records.js";
import { FolderShard, type ShardSink, TarShard } from "./shard-files.js";
import { Storage } from "./storage.js";
import { type ShardFile, eachOf, readJson, writeWhole } from "./store.js";

/** What a run did. */
export interface DatasetSummary {
  /** Of the whole data set. */
  readonly shards: number;
  /** Of this share: made now, and there already. */
  readonly made: number;
  readonly kept: number;
  /** In the shards of this share. */
  readonly samples: number;
  readonly failures: readonly DatasetFailure[];
  /** Shards that are not done, since a server or the network failed: the next run tries them again. */
  readonly unfinished: readonly { readonly shard: string; readonly failure: DatasetFailure }[];
}

/** One input's outcome, in the order of the inputs. */
type Pictures = { readonly images: readonly EncodedImage[]; readonly skipped: readonly { readonly index: number }[] };

/**
 * Writes frames of many files as samples into shards. What a shard holds depends only on the inputs and the options, byte for byte,
 * whichever machine makes it; it appears whole or not at all, and last its `.json`, which says that it is done: a run again makes
 * only what is missing. An input that cannot be decoded is listed there with its error's code, and stops nothing.
 *
 * Throws FramepoolTypeError, E_EXISTS where the folder holds another data set, E_IO where it cannot be written, of S3 also E_NOT_FOUND
 * (no such bucket), E_ACCESS, E_TIMEOUT, and E_ADDON (no `@aws-sdk/client-s3`), and the signal's reason.
 */
export async function writeDataset(inputs: Iterable<string | URL>, options: DatasetOptions): Promise<DatasetSummary> {
  const checked = datasetSettings(options);
  const plan = planShards(inputs, checked);
  const { share, to } = checked;
  const own = plan.shards.filter((_, number) => number % share.count === share.index);
  const storage = new Storage(checked);
  const settings = { ...checked, store: storage.store(to), open: (source: string) => storage.source(source) };
  const pool = settings.pool ?? new DecoderPool();
  try {
    await beginDataset(plan.fingerprint, plan.shards.length, settings);
    return { shards: plan.shards.length, ...(await makeShards(pool, own, settings)) };
  } finally {
    if (settings.pool === undefined) await pool.close();
    await storage.close();
  }
}

/** Makes those of the shards that are not there yet. */
export async function makeShards(
  pool: DecoderPool,
  shards: readonly ShardPlan[],
  settings: ShardSettings,
): Promise<Omit<DatasetSummary, "shards">> {
  return await new ShardRun(pool, shards, settings).run();
}

/** `dataset.json`, by which whoever else works on the same folder, now or later, sees that it is the same data set. */
export const datasetName = "dataset.json";

/** Makes the folder one of this data set. Throws E_EXISTS, E_IO. */
export async function beginDataset(
  fingerprint: string,
  shards: number,
  { to, store, identity, signal }: Pick<ShardSettings, "to" | "store" | "identity" | "signal">,
): Promise<void> {
  signal?.throwIfAborted();
  await store.prepare();
  const known = await readJson(store, datasetName);
  if (known === undefined) {
    await writeWhole(store, datasetName, [
      `${JSON.stringify({ version: 1, fingerprint, shards, options: identity })}\n`,
    ]);
  } else if (propertyOf(known, "fingerprint") !== fingerprint) {
    const reason = "holds a data set of other inputs or options: choose another folder";
    throw new FramepoolError("E_EXISTS", reason, { source: to });
  }
}

/** A shard that is being filled, input by input. */
interface Filling {
  readonly shard: ShardPlan;
  readonly sink: ShardSink;
  readonly table: SampleRecord[];
  readonly failures: DatasetFailure[];
  /** What makes that it will not be done this time. */
  passing: DatasetFailure | undefined;
}

class ShardRun {
  readonly #pool: DecoderPool;
  readonly #shards: readonly ShardPlan[];
  readonly #settings: ShardSettings;
  readonly #failures: DatasetFailure[] = [];
  readonly #unfinished: { shard: string; failure: DatasetFailure }[] = [];
  #made = 0;
  #samples = 0;
  #inputsDone = 0;

  constructor(pool: DecoderPool, shards: readonly ShardPlan[], settings: ShardSettings) {
    this.#pool = pool;
    this.#shards = shards;
    this.#settings = settings;
  }

  async run(): Promise<Omit<DatasetSummary, "shards">> {
    const { store } = this.#settings;
    const own = this.#shards;
    await store.removeLeftovers(new Set(own.map(({ name }) => name)));
    const records = await eachOf(own, (shard) => doneShard(store, shard));
    const missing = own.filter((_, i) => records[i] === undefined);
    for (const record of records) if (record !== undefined) this.#count(record);
    await this.#make(missing);
    return {
      made: this.#made,
      kept: own.length - missing.length,
      samples: this.#samples,
      failures: this.#failures,
      unfinished: this.#unfinished,
    };
  }

  /** All inputs are one stream through the pool: at the end of a shard no worker waits for the next one to begin. */
  async #make(shards: readonly ShardPlan[]): Promise<void> {
    const { select, encode, decoding, open, signal } = this.#settings;
    const requests = shards.flatMap((shard) =>
      shard.inputs.map((input) => ({ ...select, source: open(input.source), key: { shard, input } })),
    );
    const options = { ...decoding, ...(signal === undefined ? {} : { signal }), encode, ordered: true } as const;
    let filling: Filling | undefined;
    try {
      for await (const result of this.#pool.extract(requests, options)) {
        const { key } = result;
        filling ??= this.#begin(key.shard);
        if (result.images !== undefined) await this.#add(filling, key.input, [result]);
        else if (propertyOf(result.error, "code") === "E_LIMIT") await this.#addLong(filling, key.input);
        else fail(filling, key.input, result.error);
        this.#inputsDone++;
        if (key.input === key.shard.inputs.at(-1)) {
          await this.#finish(filling);
          filling = undefined;
        }
        this.#tell(shards);
      }
    } finally {
      await filling?.sink.abandon();
    }
  }

  #begin(shard: ShardPlan): Filling {
    const { to, store, layout, shardBytes } = this.#settings;
    const sink = layout === "folders" ? new FolderShard(to, shard.name) : new TarShard(store, shard.name, shardBytes);
    return { shard, sink, table: [], failures: [], passing: undefined };
  }

  async #add(
    { sink, table, failures }: Filling,
    { source, ordinal }: DatasetInput,
    pieces: Iterable<Pictures> | AsyncIterable<Pictures>,
  ): Promise<void> {
    const keys = new Map<number, number>();
    for await (const { images, skipped } of pieces) {
      for (const image of images) {
        const { index, ptsSeconds, durationSeconds, status, width, height, data, format } = image;
        const times = keys.get(index) ?? 0;
        keys.set(index, times + 1);
        const key = `${digits(ordinal)}_${digits(index)}${times === 0 ? "" : `_${String(times)}`}`;
        const facts = { source, index, ptsSeconds, durationSeconds, status, width, height };
        const shard = await sink.add([
          { name: `${key}.${format === "jpeg" ? "jpg" : format}`, data },
          { name: `${key}.json`, data: Buffer.from(JSON.stringify(facts)) },
        ]);
        table.push({ key, shard, ...facts, bytes: data.length });
      }
      for (const { index } of skipped) {
        failures.push({ source, code: "E_DECODE", message: "the frame cannot be decoded", index });
      }
    }
  }

  /** More pictures than fit into one answer: they are taken as they come. */
  async #addLong(filling: Filling, input: DatasetInput): Promise<void> {
    const { select, encode, decoding, open, signal } = this.#settings;
    const call = signal === undefined ? {} : { signal };
    try {
      const video = await this.#pool.openVideo(open(input.source), { ...decoding, ...call });
      try {
        const skipped: { index: number }[] = [];
        const images = video.getImages(select, { encode, onSkip: (frame) => skipped.push(frame), ...call });
        await this.#add(filling, input, singly(images, skipped));
      } finally {
        await video.close();
      }
    } catch (error) {
      signal?.throwIfAborted();
      fail(filling, input, error);
    }
  }

  async #finish({ shard, sink, table, failures, passing }: Filling): Promise<void> {
    if (passing !== undefined) {
      await sink.abandon();
      this.#unfinished.push({ shard: shard.name, failure: passing });
      return;
    }
    let files: readonly ShardFile[];
    try {
      files = await sink.seal();
      await sink.appear();
    } catch (error) {
      await sink.abandon();
      throw error;
    }
    const { store } = this.#settings;
    await writeWhole(store, tableName(shard.name), [table.map((line) => `${JSON.stringify(line)}\n`).join("")]);
    const inputs = await Promise.all(
      shard.inputs.map(async (input) => {
        const { source } = input;
        const bytes = await sizeOf(input);
        return bytes === undefined ? { source } : { source, bytes };
      }),
    );
    const record: ShardRecord = {
      version: 1,
      fingerprint: shard.fingerprint,
      files,
      samples: table.length,
      inputs,
      failures,
    };
    await writeWhole(store, recordName(shard.name), [`${JSON.stringify(record)}\n`]);
    this.#made++;
    this.#count(record);
  }

  #count({ samples, failures }: ShardRecord): void {
    this.#samples += samples;
    this.#failures.push(...failures);
  }

  #tell(shards: readonly ShardPlan[]): void {
    this.#settings.onProgress({
      shardsDone: this.#made + this.#unfinished.length,
      shards: shards.length,
      inputsDone: this.#inputsDone,
      inputs: shards.reduce((sum, { inputs }) => sum + inputs.length, 0),
      samples: this.#samples,
      failures: this.#failures.length,
    });
  }
}

function fail(filling: Filling, { source }: DatasetInput, error: unknown): void {
  // Without the source's name, which may be another on another machine.
  const reason = propertyOf(error, "reason");
  const message = typeof reason === "string" ? reason : messageOf(error);
  const failure = { source, code: codeOf(error), message };
  if (isPassing(source, error)) filling.passing ??= failure;
  else filling.failures.push(failure);
}

function digits(number: number): string {
  return String(number).padStart(6, "0");
}

async function* singly(
  images: AsyncIterable<EncodedImage>,
  skipped: { readonly index: number }[],
): AsyncGenerator<Pictures, void, undefined> {
  for await (const image of images) yield { images: [image], skipped: skipped.splice(0) };
  yield { images: [], skipped };
}
