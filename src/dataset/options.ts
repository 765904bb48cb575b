import { checkObject, checkSignal, folder, integer, isIterable, knownKeys, oneOf } from "../arguments.js";
import { argumentError, propertyOf } from "../errors.js";
import {
  DecoderPool,
  type EncodeOptions,
  type FrameSelection,
  type MediaSource,
  type VideoDecoderOptions,
} from "../index.js";
import { checkSelection } from "../video/frame-selection.js";
import { type ArrayOptions, type SampleOptions, wholeSample } from "./clip-options.js";
import { isS3, parseS3 } from "./s3/address.js";
import { mostObjectBytes } from "./s3/new-object.js";
import { type StorageOptions, checkStorage } from "./storage.js";
import type { Store } from "./store.js";

/** How far a data set has come, told after each input. */
export interface DatasetProgress {
  /** Of `shards`. */
  readonly shardsDone: number;
  /** Of this share that were not there before. */
  readonly shards: number;
  /** Of `inputs`: those that are decoded, or have failed. */
  readonly inputsDone: number;
  /** Of these shards. */
  readonly inputs: number;
  /** Written so far. */
  readonly samples: number;
  /** Inputs and frames that could not be read so far. */
  readonly failures: number;
}

/** What a data set is made of, and where it goes. */
export interface DatasetOptions
  extends
    SampleOptions,
    StorageOptions,
    Pick<VideoDecoderOptions, "streamIndex" | "codecs" | "pixelFormat" | "transforms" | "onError" | "signal"> {
  /** The folder, made when it is not there; or `s3://bucket/prefix` of a bucket that is there. */
  readonly to: string;
  /** Which frames of each input. */
  readonly select: FrameSelection;
  /** `webdataset` (default): tar files; `folders`: the same files in a folder for each shard, not on S3. */
  readonly layout?: "webdataset" | "folders" | undefined;
  /** Samples of a shard, about: where the selection tells how many an input has (indices, times, fractions, count). Default 1000. */
  readonly samplesPerShard?: number | undefined;
  /** Inputs of a shard. Default: from `samplesPerShard`; 16 where the selection does not tell. */
  readonly inputsPerShard?: number | undefined;
  /** A shard that grows beyond it goes on in another file: `000012-001.tar`. In bytes; default 1 GiB. */
  readonly shardBytes?: number | undefined;
  /** Only every count-th shard, from the index-th on: so many machines share the work without knowing of each other. */
  readonly share?:
    | {
        /** From 0 to `count` - 1. */
        readonly index: number;
        /** Machines that share the work, from 1. */
        readonly count: number;
      }
    | undefined;
  /** It stays open. Default: one of its own, of as many workers as there are cores. */
  readonly pool?: DecoderPool | undefined;
  /** Told how far it is, as it goes on. */
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** What making a shard takes, checked. */
export interface ShardSettings extends Omit<SampleOptions, "encode"> {
  readonly to: string;
  /** What is there. */
  readonly store: Store;
  readonly select: FrameSelection;
  readonly encode: EncodeOptions | ArrayOptions;
  readonly decoding: Pick<VideoDecoderOptions, "streamIndex" | "codecs" | "pixelFormat" | "transforms" | "onError">;
  readonly layout: "webdataset" | "folders";
  readonly shardBytes: number;
  /** Where an input's bytes come from. */
  readonly open: (source: string) => MediaSource;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: DatasetProgress) => void;
  /** All that decides what a shard of given inputs holds. */
  readonly identity: unknown;
}

export interface DatasetSettings extends Omit<ShardSettings, "store" | "open">, StorageOptions {
  readonly inputsPerShard: number;
  readonly share: { readonly index: number; readonly count: number };
  readonly pool: DecoderPool | undefined;
}

/** Raised whenever equal options make other shards than before. */
const formatVersion = 1;

const keys = [
  ...["to", "select", "encode", "layout", "samplesPerShard", "inputsPerShard", "shardBytes", "share", "pool"],
  ...["clip", "sound", "s3Endpoint"],
  ...["onProgress", "streamIndex", "codecs", "pixelFormat", "transforms", "onError", "signal"],
];

/** Inputs of a shard where nobody knows how many samples they have. */
const usualInputs = 16;

/** Throws FramepoolTypeError. */
export function datasetSettings(options: DatasetOptions): DatasetSettings {
  knownKeys("options", options, keys);
  const { to, pool, signal, onProgress = () => undefined } = options;
  folder("options.to", to);
  checkStorage("options", options);
  if (pool !== undefined && !(pool instanceof DecoderPool)) throw argumentError("options.pool", "a DecoderPool", pool);
  if (typeof onProgress !== "function") throw argumentError("options.onProgress", "a function", onProgress);
  checkSignal(signal);
  checkObject("options.select", options.select, "an object");
  // Listed before it is looked at: an iterable may be gone through once.
  const select = plainSelection(options.select);
  checkSelection("options.select", select);
  const encode = options.encode ?? { format: "jpeg" };
  const layout = oneOf("options.layout", options.layout ?? "webdataset", ["webdataset", "folders"]);
  const samples = integer("options.samplesPerShard", options.samplesPerShard ?? 1000, 1, 2 ** 31 - 1);
  const each = samplesOfEach(select);
  const derived = each === undefined ? usualInputs : Math.max(1, Math.floor(samples / each));
  const inputsPerShard = integer("options.inputsPerShard", options.inputsPerShard ?? derived, 1, 2 ** 31 - 1);
  const shardBytes = integer("options.shardBytes", options.shardBytes ?? 2 ** 30, 1, Number.MAX_SAFE_INTEGER);
  if (isS3(to)) {
    if (parseS3(to) === undefined) throw argumentError("options.to", "s3://bucket/prefix", to);
    // Many objects do not appear at once.
    if (layout === "folders") throw argumentError("options.layout", '"webdataset" on S3', layout);
    if (shardBytes > mostObjectBytes) {
      throw argumentError("options.shardBytes", `at most ${String(mostObjectBytes)} on S3`, shardBytes);
    }
  }
  const { clip, sound, s3Endpoint, streamIndex, codecs, pixelFormat, transforms } = options;
  const onError = options.onError ?? "skip";
  if (encode.format === "npy" && pixelFormat === "native") {
    throw argumentError("options.pixelFormat", "one of equal planes for npy", pixelFormat);
  }
  return {
    ...{ to, select, encode, clip, sound, layout, inputsPerShard, shardBytes, s3Endpoint, pool, signal, onProgress },
    decoding: { streamIndex, codecs, pixelFormat, transforms, onError },
    share: shareOf(options.share),
    // With every default written out: one that is named is the same as one that is not.
    identity: {
      ...{ formatVersion, select, ...wholeSample(options) },
      decoding: { pixelFormat: pixelFormat ?? "rgb24", transforms: transforms ?? [], streamIndex, codecs, onError },
      ...{ layout, inputsPerShard, shardBytes },
    },
  };
}

function shareOf(share: DatasetOptions["share"]): { readonly index: number; readonly count: number } {
  if (share === undefined) return { index: 0, count: 1 };
  knownKeys("options.share", share, ["index", "count"]);
  const count = integer("options.share.count", share.count, 1, 2 ** 31 - 1);
  return { index: integer("options.share.index", share.index, 0, count - 1), count };
}

const lists = ["indices", "times", "fractions"];

/** The same, of arrays that can be written down and gone through again for each input. */
function plainSelection(select: FrameSelection): FrameSelection {
  const entries = Object.entries(select).map(([key, value]: [string, unknown]) => {
    return [key, lists.includes(key) && isIterable(value) ? Array.from(value) : value];
  });
  return Object.fromEntries(entries) as FrameSelection;
}

function samplesOfEach(select: FrameSelection): number | undefined {
  for (const key of lists) {
    const list = propertyOf(select, key);
    if (Array.isArray(list)) return Math.max(1, list.length);
  }
  const count = propertyOf(select, "count");
  return typeof count === "number" ? Math.max(1, count) : undefined;
}
