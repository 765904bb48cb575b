import type { FrameRange, FrameSelection, TimeOptions, TimeRange } from "../index.js";
import { ifGiven, parseInteger, parseSeconds, UsageError, type ValuesOf } from "./usage.js";

export const selectionOptions = {
  every: { type: "string" },
  indices: { type: "string" },
  times: { type: "string" },
  fractions: { type: "string" },
  count: { type: "string" },
  keyframes: { type: "boolean" },
  range: { type: "string" },
  all: { type: "boolean" },
  step: { type: "string" },
  from: { type: "string" },
  clamp: { type: "boolean" },
} as const;

export type SelectionValues = ValuesOf<typeof selectionOptions>;

const names = ["every", "indices", "times", "fractions", "count", "keyframes", "range", "all", "step"] as const;
const list = names.map((name) => `--${name}`).join(", ");

export function parseSelection(values: SelectionValues): FrameSelection {
  const given = names.filter((name) => values[name] !== undefined);
  if (given.length === 0) throw new UsageError(`say which frames: one of ${list}`);
  if (given.length > 1) throw new UsageError(`${given.map((name) => `--${name}`).join(" and ")} exclude each other`);
  const { every, indices, times, fractions, count, range, step } = values;
  if (times !== undefined) {
    return { times: splitList(times).map((text) => parseSeconds("--times", text)), ...parseTimeOptions(values) };
  }
  if (range !== undefined && isInSeconds(range)) {
    return { range: parseTimeRange(range), ...parseTimeOptions(values) };
  }
  if (values.from !== undefined) throw new UsageError("--from is for --times, and for a --range in seconds");
  if (indices !== undefined) {
    return { indices: splitList(indices).map((text) => parseIndex("--indices", text)), clamp: values.clamp };
  }
  if (values.clamp === true) throw new UsageError("--clamp is for --indices, --times, and a --range in seconds");
  if (every !== undefined) return { every: parseInterval(every) };
  if (fractions !== undefined) return { fractions: splitList(fractions).map(parseFraction) };
  if (count !== undefined) return { count: parseInteger("--count", count, 1, maxIndex) };
  if (range !== undefined) return { range: parseFrameRange(range) };
  if (step !== undefined) return { range: { step: parseInteger("--step", step, 1, maxIndex) } };
  return values.all === true ? { range: { start: 0 } } : { keyFrames: true };
}

// Frame numbers are 32-bit in a batch.
const maxIndex = 2 ** 31 - 1;

function splitList(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

function parseIndex(name: string, text: string): number {
  return parseInteger(name, text, -maxIndex, maxIndex);
}

function parseInterval(text: string): number {
  const seconds = parseSeconds("--every", text);
  if (seconds >= 0.001) return seconds;
  throw new UsageError(`--every takes a time of at least 1ms, not "${text}"`);
}

function parseFraction(text: string): number {
  const match = /^(\d+\.?\d*|\.\d+)(%)?$/.exec(text);
  const fraction = Number(match?.[1] ?? NaN) / (match?.[2] === undefined ? 1 : 100);
  if (fraction <= 1) return fraction;
  throw new UsageError(`--fractions takes numbers from 0 to 1, or 0% to 100%, not "${text}"`);
}

function parseTimeOptions({ from, clamp }: SelectionValues): TimeOptions {
  if (from === undefined || from === "start" || from === "clock") return { from, clamp };
  throw new UsageError(`--from takes start or clock, not "${from}"`);
}

function isInSeconds(range: string): boolean {
  return /s(?=:|$)/.test(range);
}

const rangeHint = "--range takes frames such as 0:100 or 0:100:5, or times such as 10s:20s or 10s:20s:2fps";

/** START:STOP:THIRD, of which each may be left out. */
function splitRange(text: string): (string | undefined)[] {
  const parts = text.split(":");
  if (parts.length < 2 || parts.length > 3) throw new UsageError(`${rangeHint}, not "${text}"`);
  return parts.map((part) => (part.trim() === "" ? undefined : part.trim()));
}

function parseFrameRange(text: string): FrameRange {
  const [start, stop, step] = splitRange(text);
  const index = (part: string): number => parseIndex("--range", part);
  return {
    start: ifGiven(start, index),
    stop: ifGiven(stop, index),
    step: ifGiven(step, (part) => parseInteger("--range", part, 1, maxIndex)),
  };
}

function parseTimeRange(text: string): TimeRange {
  const [start, stop, rate] = splitRange(text);
  const seconds = (part: string): number => parseSeconds("--range", part);
  return { startSeconds: ifGiven(start, seconds), stopSeconds: ifGiven(stop, seconds), fps: ifGiven(rate, parseRate) };
}

function parseRate(text: string): number {
  const fps = Number(/^(\d+\.?\d*|\.\d+)fps$/.exec(text)?.[1] ?? NaN);
  if (fps > 0) return fps;
  throw new UsageError(`${rangeHint}, not "${text}"`);
}
