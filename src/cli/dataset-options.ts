import type { DatasetOptions, StorageOptions } from "../dataset/index.js";
import { encodeOptions, imageHelp, imageOptions, parseImageOptions } from "./images.js";
import { parseSelection, selectionOptions } from "./selection.js";
import { ifGiven, parseInteger, parseSeconds, UsageError, type ValuesOf } from "./usage.js";

export const storageOptions = { "s3-endpoint": { type: "string" } } as const;

/** Throws UsageError. */
export function parseStorage({ "s3-endpoint": endpoint }: ValuesOf<typeof storageOptions>): StorageOptions {
  if (endpoint === undefined) return {};
  if (/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint)) return { s3Endpoint: endpoint };
  throw new UsageError(`--s3-endpoint takes an http: or https: URL, not "${endpoint}"`);
}

const sizeUnits: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** "500M" or "1G", in bytes: powers of 1024. */
function parseSize(name: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (sizeUnits[unit.toUpperCase()] ?? Number.NaN));
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new UsageError(`${name} takes a size such as 500M or 1G, not "${text}"`);
}

/** What decides what a data set is: the same words for the command that makes it and for the one that queues it. */
export const datasetOptions = {
  ...selectionOptions,
  ...imageOptions,
  to: { type: "string" },
  clip: { type: "string" },
  "clip-step": { type: "string" },
  sound: { type: "string" },
  "sound-rate": { type: "string" },
  "sound-channels": { type: "string" },
  layout: { type: "string" },
  "samples-per-shard": { type: "string" },
  "inputs-per-shard": { type: "string" },
  "shard-size": { type: "string" },
  ...storageOptions,
} as const;

export const storageHelp = `  --s3-endpoint URL
                   of another storage than Amazon's; default the variable AWS_ENDPOINT_URL. Region and credentials are those that
                   the AWS SDK finds. Needs: npm install @aws-sdk/client-s3`;

export const datasetHelp = `  SELECTION        as in "framepool frames --help"
Options:
  --to DIR         where to write, made when it is not there; or s3://bucket/prefix
  --layout NAME    webdataset (default): tar files; folders: a folder for each shard
  --format NAME    jpeg (default), png, webp, or npy: NumPy's arrays
${imageHelp}
  --clip N         N frames a sample, from each selected one on: KEY.000.jpg and so on, or one array
  --clip-step N    from one frame of a clip to its next (default 1)
  --sound SECONDS  with the sound from each selected frame on, as KEY.wav; --sound-rate N, --sound-channels N: not as the file has it
  --samples-per-shard N   about so many, where the selection tells how many a video has (default 1000)
  --inputs-per-shard N    videos of a shard (default: from the samples; 16 where the selection does not tell)
  --shard-size SIZE       a larger one goes on in another file: 500M, 1G (default)`;

type Values = ValuesOf<typeof datasetOptions>;

export function parseDatasetOptions(values: Values): DatasetOptions {
  const select = parseSelection(values);
  const isArray = values.format === "npy";
  if (isArray && values.quality !== undefined)
    throw new UsageError("--quality is for jpeg and webp: npy loses nothing");
  const image = parseImageOptions({ ...values, format: isArray ? "png" : (values.format ?? "jpeg") });
  const { to, layout = "webdataset" } = values;
  if (to === undefined || to === "") throw new UsageError("say where to write: --to DIR");
  if (layout !== "webdataset" && layout !== "folders") {
    throw new UsageError(`--layout takes webdataset or folders, not "${layout}"`);
  }
  const count = (name: "samples-per-shard" | "inputs-per-shard"): number | undefined =>
    ifGiven(values[name], (text) => parseInteger(`--${name}`, text, 1));
  return {
    ...{ to, select, layout },
    encode: isArray ? { format: "npy" } : encodeOptions(image),
    clip: parseClip(values),
    sound: parseSound(values),
    transforms: image.transforms,
    ...parseStorage(values),
    samplesPerShard: count("samples-per-shard"),
    inputsPerShard: count("inputs-per-shard"),
    shardBytes: ifGiven(values["shard-size"], (text) => parseSize("--shard-size", text)),
  };
}

function parseClip({ clip, "clip-step": step }: Values): DatasetOptions["clip"] {
  if (clip === undefined) {
    if (step !== undefined) throw new UsageError("--clip-step is for --clip");
    return undefined;
  }
  const frames = parseInteger("--clip", clip, 1, 2 ** 20);
  return { frames, step: ifGiven(step, (text) => parseInteger("--clip-step", text, 1, 2 ** 20)) };
}

function parseSound(values: Values): DatasetOptions["sound"] {
  const { sound, "sound-rate": rate, "sound-channels": channels } = values;
  if (sound === undefined) {
    if (rate !== undefined || channels !== undefined) {
      throw new UsageError("--sound-rate and --sound-channels are for --sound");
    }
    return undefined;
  }
  const seconds = parseSeconds("--sound", sound);
  if (seconds <= 0 || seconds > 3600) throw new UsageError(`--sound takes a time of at most an hour, not "${sound}"`);
  return {
    seconds,
    sampleRate: ifGiven(rate, (text) => parseInteger("--sound-rate", text, 1, 1_000_000)),
    numChannels: ifGiven(channels, (text) => parseInteger("--sound-channels", text, 1, 64)),
  };
}
