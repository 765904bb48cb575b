import { stat } from "node:fs/promises";
import { isInstance, propertyOf } from "../errors.js";
import { nodePath } from "../protocol/file-path.js";
import { pathOfUrl } from "../sources/file-url.js";
import type { DatasetInput, ShardPlan } from "./plan.js";
import type { SampleFacts } from "./samples.js";
import { type ShardFile, type Store, readJson } from "./store.js";

/** A line of a shard's table: what its sample is. */
export interface SampleRecord extends SampleFacts {
  /** The name of its files before the first dot. */
  readonly key: string;
  /** The tar file, or the folder, that it is in. */
  readonly shard: string;
  /** The input, as the user named it. */
  readonly source: string;
  /** Of its files but the `.json`. */
  readonly bytes: number;
}

/** An input, or a frame of one, that could not be read. */
export interface DatasetFailure {
  /** The input, as the user named it. */
  readonly source: string;
  /** Of the error: see ErrorCode. */
  readonly code: string;
  /** Of the error. */
  readonly message: string;
  /** Of a frame that was left out. */
  readonly index?: number;
}

/** `000012.json`: a shard is done when it is there. */
export interface ShardRecord {
  /** Of this layout. */
  readonly version: 1;
  /** Of the inputs and options that decide what it holds: equal for equal shards. */
  readonly fingerprint: string;
  /** Its tar files, or its folder's files, with their sizes. */
  readonly files: readonly ShardFile[];
  /** In the shard. */
  readonly samples: number;
  /** What it was made of, in order. */
  readonly inputs: readonly {
    /** As the user named it. */
    readonly source: string;
    /** undefined of what a server has. */
    readonly bytes?: number;
  }[];
  /** What of it could not be read. */
  readonly failures: readonly DatasetFailure[];
}

export function recordName(shard: string): string {
  return `${shard}.json`;
}

export function tableName(shard: string): string {
  return `${shard}.jsonl`;
}

/** What is there of the shard, if it is what would be made now. */
export async function doneShard(
  store: Store,
  { name, fingerprint, inputs }: ShardPlan,
): Promise<ShardRecord | undefined> {
  const record = await readShardRecord(store, name);
  if (record?.fingerprint !== fingerprint) return undefined;
  const sizes = await Promise.all(inputs.map((input) => sizeOf(input)));
  if (record.inputs.some(({ bytes }, i) => bytes !== sizes[i])) return undefined;
  const present = await Promise.all(record.files.map((file) => store.holds(file)));
  return present.every((is) => is) ? record : undefined;
}

export async function readShardRecord(store: Store, shard: string): Promise<ShardRecord | undefined> {
  const record = await readJson(store, recordName(shard));
  const isOne = propertyOf(record, "version") === 1 && Array.isArray(propertyOf(record, "files"));
  return isOne ? (record as ShardRecord) : undefined;
}

/** What a server has, and no path of this machine. */
export function isAddress(source: string): boolean {
  return /^(?:https?|s3):\/\//i.test(source);
}

/** In bytes, of a file on this machine. */
export async function sizeOf({ source, path = source }: DatasetInput): Promise<number | undefined> {
  if (isAddress(source)) return undefined;
  try {
    return (await stat(/^file:/i.test(path) ? nodePath(pathOfUrl(path)) : path)).size;
  } catch {
    return undefined;
  }
}

export function codeOf(error: unknown): string {
  const code = propertyOf(error, "code");
  return typeof code === "string" ? code : "E_INTERNAL";
}

/** What may go well the next time: the shard is not done then, and the next run tries again. */
export function isPassing(source: string, error: unknown): boolean {
  const code = isInstance(error, Error) ? propertyOf(error, "code") : undefined;
  if (code === "E_TIMEOUT" || code === "E_HTTP" || code === "E_WORKER_LOST") return true;
  return code === "E_IO" && isAddress(source);
}
