import { messageOf, propertyOf } from "../errors.js";
import type { DecoderPool } from "../index.js";
import type { ShardSettings } from "./options.js";
import { type Outcome, samplesOfAll } from "./outcomes.js";
import type { DatasetInput, ShardPlan } from "./plan.js";
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
import type { Samples } from "./samples.js";
import { FolderShard, type ShardSink, TarShard } from "./shard-files.js";
import { type ShardFile, eachOf, writeWhole } from "./store.js";

/** What became of shards that were to be made. */
export interface MadeShards {
  /** Of this share: made now, and there already. */
  readonly made: number;
  /** Of this share: there already, and not made again. */
  readonly kept: number;
  /** In the shards of this share. */
  readonly samples: number;
  /** Inputs and frames that could not be read, of these shards. */
  readonly failures: readonly DatasetFailure[];
  /** Shards that are not done, since a server or the network failed: the next run tries them again. */
  readonly unfinished: readonly {
    /** Its name. */
    readonly shard: string;
    /** What kept it from being done. */
    readonly failure: DatasetFailure;
  }[];
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

/** Makes those shards that are not there yet, one after the other. */
export class ShardRun {
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

  async run(): Promise<MadeShards> {
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

  async #make(shards: readonly ShardPlan[]): Promise<void> {
    let filling: Filling | undefined;
    try {
      for await (const outcome of samplesOfAll(this.#pool, shards, this.#settings)) {
        const { shard, input } = outcome;
        filling ??= this.#begin(shard);
        await this.#add(filling, outcome);
        this.#inputsDone++;
        if (input === shard.inputs.at(-1)) {
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

  async #add(filling: Filling, { input, pieces }: Outcome): Promise<void> {
    const { sink, table, failures } = filling;
    const { source, ordinal } = input;
    const keys = new Map<number, number>();
    for await (const piece of orError(pieces, this.#settings.signal)) {
      if ("error" in piece) {
        fail(filling, input, piece.error);
        continue;
      }
      for (const { files, facts } of piece.samples) {
        const times = keys.get(facts.index) ?? 0;
        keys.set(facts.index, times + 1);
        const key = `${digits(ordinal)}_${digits(facts.index)}${times === 0 ? "" : `_${String(times)}`}`;
        const shard = await sink.add([
          ...files.map(({ extension, data }) => ({ name: `${key}.${extension}`, data })),
          { name: `${key}.json`, data: Buffer.from(JSON.stringify({ source, ...facts })) },
        ]);
        const bytes = files.reduce((sum, { data }) => sum + data.length, 0);
        table.push({ key, shard, source, ...facts, bytes });
      }
      for (const { index, code = "E_DECODE", reason = "the frame cannot be decoded" } of piece.skipped) {
        failures.push({ source, code, message: reason, index });
      }
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

/** What fails is the input's; what goes wrong while its samples are written is not, and ends the loop that has it. */
async function* orError(
  pieces: Outcome["pieces"],
  signal: AbortSignal | undefined,
): AsyncGenerator<Samples | { readonly error: unknown }, void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    signal?.throwIfAborted();
    yield { error };
  }
}
