import { parseInteger, parseSeconds, UsageError } from "./usage.js";

/** Which frames of a file: the selections of `pool.extract`. */
export type Selection =
  | { readonly every: number }
  | { readonly indices: readonly number[] }
  | { readonly times: readonly number[] }
  | { readonly count: number }
  | { readonly keyFrames: true };

export const selectionOptions = {
  every: { type: "string" },
  indices: { type: "string" },
  times: { type: "string" },
  count: { type: "string" },
  keyframes: { type: "boolean" },
} as const;

type SelectionValues = { readonly [Name in keyof typeof selectionOptions]?: string | boolean | undefined };

const names = Object.keys(selectionOptions) as (keyof typeof selectionOptions)[];
const list = names.map((name) => `--${name}`).join(", ");

export function parseSelection(values: SelectionValues): Selection {
  const given = names.filter((name) => values[name] !== undefined);
  if (given.length === 0) throw new UsageError(`say which frames: one of ${list}`);
  if (given.length > 1) throw new UsageError(`${given.map((name) => `--${name}`).join(" and ")} exclude each other`);
  const { every, indices, times, count } = values;
  if (typeof every === "string") return { every: parseInterval(every) };
  if (typeof indices === "string") {
    return { indices: splitList(indices).map((text) => parseInteger("--indices", text, -maxIndex, maxIndex)) };
  }
  if (typeof times === "string") return { times: splitList(times).map((text) => parseSeconds("--times", text)) };
  if (typeof count === "string") return { count: parseInteger("--count", count, 1, maxIndex) };
  return { keyFrames: true };
}

// Frame numbers are 32-bit in a batch.
const maxIndex = 2 ** 31 - 1;

function splitList(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

function parseInterval(text: string): number {
  const seconds = parseSeconds("--every", text);
  if (seconds >= 0.001) return seconds;
  throw new UsageError(`--every takes a time of at least 1ms, not "${text}"`);
}
