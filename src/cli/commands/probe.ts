import { type AudioStreamMetadata, DecoderPool, type Media, type VideoStreamMetadata } from "../../index.js";
import { type Input, Inputs } from "../inputs.js";
import { codeOf, describeError, isFatal, say } from "../messages.js";
import { metadataTable } from "../metadata-table.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { parseCommandLine, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool probe FILE... [--json]

Prints what a video is: codec, size, number of frames, rate, duration, colour, sound, container, streams.

  FILE           a video, or - for a list of them on standard input, one per line
  --json         one JSON object per file and line: its name as "file", then every field of the metadata,
                 those of its sound as "audio" (null without any), "tags", "chapters" and all "streams" of the file, or
                 "error" with "code" and "message"
${poolHelp(14)}

Examples:
  framepool probe talk.mp4
  framepool probe *.mp4 --json | jq -r '[.file, .numFrames, .averageFps] | @tsv'
  find /data -name '*.mkv' | framepool probe - --json > videos.jsonl

Exit code: 0 when every file is a video, 1 when one is not, 2 for a wrong command line.
`;

interface Facts extends VideoStreamMetadata, Pick<Media, "tags" | "chapters" | "streams"> {
  readonly audio: AudioStreamMetadata | null;
}

type Probed = { readonly input: Input } & ({ readonly metadata: Facts } | { readonly error: unknown });

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, { json: { type: "boolean" }, ...poolOptions });
  if (positionals.length === 0) throw new UsageError("say which files to probe");
  const pool = new DecoderPool(parsePoolOptions(values));
  const print = values.json === true ? printJson : printTable;
  let failed = false;
  const inputs = new Inputs(positionals);
  try {
    for await (const probed of inOrder(inputs, (input) => probe(pool, input), filesAtOnce)) {
      print(probed);
      if ("metadata" in probed) continue;
      failed = true;
      say(describeError(probed.input.name, probed.error));
    }
  } finally {
    inputs.close();
    await pool.close();
  }
  return failed ? 1 : 0;
}

const filesAtOnce = 64;

async function probe(pool: DecoderPool, input: Input): Promise<Probed> {
  try {
    const media = await pool.open(input.source);
    try {
      const { metadata } = await media.video();
      const { tags, chapters, streams } = media;
      return { input, metadata: { ...metadata, audio: await probeSound(media), tags, chapters, streams } };
    } finally {
      await media.close();
    }
  } catch (error) {
    if (isFatal(error)) throw error;
    return { input, error };
  }
}

/** Of the best audio stream; one that cannot be decoded is no fault of the video. */
async function probeSound(media: Media): Promise<AudioStreamMetadata | null> {
  try {
    return (await media.audio()).metadata;
  } catch (error) {
    if (isFatal(error)) throw error;
    return null;
  }
}

/** Maps with up to `limit` calls under way, and yields in the order of the items. */
async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  map: (item: Item) => Promise<Result>,
  limit: number,
): AsyncGenerator<Result> {
  const queue: Promise<Result>[] = [];
  for await (const item of items) {
    const result = map(item);
    // It is awaited in its turn: a failure until then is not unhandled.
    result.catch(() => undefined);
    queue.push(result);
    const first = queue.length >= limit ? queue.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of queue) yield await result;
}

function printTable(probed: Probed): void {
  if ("metadata" in probed)
    process.stdout.write(`${probed.input.name}\n${metadataTable(probed.metadata, probed.metadata)}\n`);
}

function printJson(probed: Probed): void {
  const { name: file } = probed.input;
  const described =
    "metadata" in probed
      ? probed.metadata
      : { error: { code: codeOf(probed.error), message: describeError(file, probed.error) } };
  process.stdout.write(`${JSON.stringify({ file, ...described })}\n`);
}

export const probeCommand: Command = { help, run };
