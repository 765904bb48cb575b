import { type DatasetSummary, mergeDataset, writeDataset } from "../../dataset/index.js";
import { DecoderPool } from "../../index.js";
import {
  datasetHelp,
  datasetOptions,
  parseDatasetOptions,
  parseStorage,
  storageHelp,
  storageOptions,
} from "../dataset-options.js";
import { namesOf } from "../inputs.js";
import { Interrupted, interruptible } from "../interrupt.js";
import { plural, say } from "../messages.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { parseShare, shareOptions } from "../share.js";
import { parseCommandLine, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool dataset FILE... SELECTION --to DIR [options]
       framepool dataset merge DIR [--parquet] [--s3-endpoint URL]

Writes frames of many videos as samples into shards: DIR/000000.tar and so on, as WebDataset reads them, each with a table
of its samples (000000.jsonl) and, once it is whole, a record (000000.json). The same videos and options make the same
shards, byte for byte, on any machine; run again, it makes only those that are missing. A video that cannot be read is
listed in its shard's record and stops nothing.

  FILE             a video, a folder, an address, s3://bucket/key, all videos of s3://bucket/prefix/, or - for a list of them on
                   standard input, one per line
${datasetHelp}
${poolHelp(16)}
${storageHelp}
Many machines, each with the same list and options; nothing else is shared but DIR:
  --shard I/N      only every N-th shard, from the I-th on, counted from 0
  --shards N       the same, I from JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID
  merge            when all shards are there: joins their tables into DIR/samples.jsonl, or DIR/samples.parquet (npm install hyparquet-writer)

Examples:
  framepool dataset *.mp4 --count 8 --resize 256x256 --to shards
  find /data -name '*.mkv' | framepool dataset - --every 2s --to shards --shard 3/16
  framepool dataset merge shards
  framepool dataset s3://films/talks/ --every 2s --to s3://frames/talks

Exit code: 0 when everything is there, 1 when a video or a frame could not be read, 2 for a wrong command line.
`;

const options = { ...datasetOptions, ...shareOptions, ...poolOptions } as const;

async function run(args: readonly string[]): Promise<number> {
  if (args[0] === "merge") return await merge(args.slice(1));
  const { values, positionals } = parseCommandLine(args, options);
  if (positionals.length === 0) throw new UsageError("say which files to read");
  const dataset = parseDatasetOptions(values);
  const settings = parsePoolOptions(values);
  const share = parseShare(values);
  const inputs = await namesOf(positionals, parseStorage(values));
  const pool = new DecoderPool(settings);
  const started = performance.now();
  const report = reporter();
  try {
    const summary = await interruptible(async (signal) =>
      writeDataset(inputs, { ...dataset, pool, signal, onProgress: report, share }),
    );
    report();
    return conclude(summary, (performance.now() - started) / 1000);
  } catch (error) {
    if (error instanceof Interrupted) {
      report();
      say("interrupted; run it again to go on");
    }
    throw error;
  } finally {
    await pool.close();
  }
}

/** A line of progress, where stderr is a terminal; without an argument it is taken away. */
function reporter(): (progress?: { shardsDone: number; shards: number; inputsDone: number; inputs: number }) => void {
  const { stderr } = process;
  let drawn = 0;
  return (progress) => {
    if (!stderr.isTTY) return;
    if (progress === undefined) {
      stderr.write("\r\u001b[K");
      return;
    }
    const now = performance.now();
    if (now - drawn < 200) return;
    drawn = now;
    const { shardsDone, shards, inputsDone, inputs } = progress;
    stderr.write(
      `\r\u001b[K${String(shardsDone)} of ${plural(shards, "shard")}, ${String(inputsDone)} of ${plural(inputs, "video")}`,
    );
  };
}

function conclude({ shards, made, kept, samples, failures, unfinished }: DatasetSummary, seconds: number): number {
  for (const { source, code, message, index } of failures) {
    const what = index === undefined ? message : `frame ${String(index)}: ${message}`;
    say(`${source}: ${what} (${code})`);
  }
  for (const { shard, failure } of unfinished) {
    say(
      `shard ${shard} is not done, run again to try it again: ${failure.source}: ${failure.message} (${failure.code})`,
    );
  }
  const there = kept > 0 ? `, ${String(kept)} there already` : "";
  const of = made + kept < shards ? ` of ${String(shards)}` : "";
  say(`${plural(made, "shard")}${of} made${there}, ${plural(samples, "sample")}, in ${seconds.toFixed(1)} s`);
  return failures.length + unfinished.length > 0 ? 1 : 0;
}

async function merge(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, { ...storageOptions, parquet: { type: "boolean" } });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1)
    throw new UsageError("say which folder: framepool dataset merge DIR");
  const { table, shards, samples, failures } = await mergeDataset(folder, {
    ...parseStorage(values),
    table: values.parquet === true ? "parquet" : "jsonl",
  });
  say(
    `${plural(samples, "sample")} of ${plural(shards, "shard")}, listed in ${table}; ${plural(failures.length, "failure")}`,
  );
  return 0;
}

export const datasetCommand: Command = { help, run };
