import { createHash } from "node:crypto";
import { argumentError } from "../errors.js";
import type { DatasetSettings } from "./options.js";

/** A file of the data set, by the name that its samples carry. */
export interface DatasetInput {
  /** A path, or an `http:`, `https:` or `s3:` address, as the user named it. */
  readonly source: string;
  /** Its place among all inputs, from 0. */
  readonly ordinal: number;
  /** Where a path leads on this machine, if not where its name says. */
  readonly path?: string | undefined;
}

/** Inputs whose samples go into one shard: a piece of work that any machine may do, with the same outcome. */
export interface ShardPlan {
  /** Six digits or more: `000012`. */
  readonly name: string;
  readonly inputs: readonly DatasetInput[];
  /** Of the inputs and of all options that matter: equal ones make equal shards. */
  readonly fingerprint: string;
}

export interface DatasetPlan {
  readonly shards: readonly ShardPlan[];
  /** Of all shards. */
  readonly fingerprint: string;
}

/**
 * Cuts the inputs, in their order, into shards. What a shard holds depends on nothing but the list and the options. Throws
 * FramepoolTypeError.
 */
export function planShards(inputs: Iterable<string | URL>, settings: DatasetSettings): DatasetPlan {
  const names = Array.from(inputs, nameOf);
  const { inputsPerShard } = settings;
  const count = Math.ceil(names.length / inputsPerShard);
  const shards = shardNames(count).map((name, number) => {
    const own = names.slice(number * inputsPerShard, (number + 1) * inputsPerShard);
    return {
      name,
      inputs: own.map((source, i) => ({ source, ordinal: number * inputsPerShard + i })),
      fingerprint: digestOf([settings.identity, number, own]),
    };
  });
  return { shards, fingerprint: digestOf(shards.map(({ fingerprint }) => fingerprint)) };
}

/** Of equal length: in alphabetical order they are in theirs. */
export function shardNames(count: number): string[] {
  const digits = Math.max(6, String(Math.max(0, count - 1)).length);
  return Array.from({ length: count }, (_, number) => String(number).padStart(digits, "0"));
}

function nameOf(input: unknown, i: number): string {
  const text = input instanceof URL ? textOf(input) : input;
  if (typeof text === "string" && text !== "" && !text.includes("\0")) return text;
  throw argumentError(`inputs[${String(i)}]`, "a path or a URL", input);
}

/** Names of objects are no addresses: there is nothing to escape in them. */
function textOf({ protocol, host, pathname, href }: URL): string {
  return protocol === "s3:" ? `s3://${host}${decodeURIComponent(pathname)}` : href;
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, byName)).digest("hex");
}

/** The same text however an object's properties are ordered. */
function byName(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
