import type { DatasetOptions, StorageOptions } from "../dataset/index.js";
import { encodeOptions, imageHelp, imageOptions, parseImageOptions } from "./images.js";
import { parseSelection, selectionOptions } from "./selection.js";
import { parseSize } from "./sizes.js";
import { parseInteger, UsageError } from "./usage.js";

export const storageOptions = { "s3-endpoint": { type: "string" } } as const;

/** Throws UsageError. */
export function parseStorage({
  "s3-endpoint": endpoint,
}: {
  readonly "s3-endpoint"?: string | undefined;
}): StorageOptions {
  if (endpoint === undefined) return {};
  if (/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint)) return { s3Endpoint: endpoint };
  throw new UsageError(`--s3-endpoint takes an http: or https: URL, not "${endpoint}"`);
}

/** What decides what a data set is: the same words for the command that makes it and for the one that queues it. */
export const datasetOptions = {
  ...selectionOptions,
  ...imageOptions,
  to: { type: "string" },
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
  --format NAME    jpeg (default), png or webp
${imageHelp}
  --samples-per-shard N   about so many, where the selection tells how many a video has (default 1000)
  --inputs-per-shard N    videos of a shard (default: from the samples; 16 where the selection does not tell)
  --shard-size SIZE       a larger one goes on in another file: 500M, 1G (default)`;

type Values = Parameters<typeof parseSelection>[0] &
  Parameters<typeof parseImageOptions>[0] & {
    readonly [Name in "to" | "layout" | "samples-per-shard" | "inputs-per-shard" | "shard-size" | "s3-endpoint"]?:
      string | undefined;
  };

export function parseDatasetOptions(values: Values): DatasetOptions {
  const select = parseSelection(values);
  const image = parseImageOptions({ ...values, format: values.format ?? "jpeg" });
  const { to, layout = "webdataset" } = values;
  if (to === undefined || to === "") throw new UsageError("say where to write: --to DIR");
  if (layout !== "webdataset" && layout !== "folders") {
    throw new UsageError(`--layout takes webdataset or folders, not "${layout}"`);
  }
  const samples = values["samples-per-shard"];
  const inputs = values["inputs-per-shard"];
  const bytes = values["shard-size"];
  return {
    ...{ to, select, layout },
    encode: encodeOptions(image),
    transforms: image.transforms,
    ...parseStorage(values),
    ...(samples === undefined ? {} : { samplesPerShard: parseInteger("--samples-per-shard", samples, 1) }),
    ...(inputs === undefined ? {} : { inputsPerShard: parseInteger("--inputs-per-shard", inputs, 1) }),
    ...(bytes === undefined ? {} : { shardBytes: parseSize("--shard-size", bytes) }),
  };
}
