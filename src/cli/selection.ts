import type { FrameSelection, TimeOptions } from "../index.js";
import { parseInteger, parseSeconds, UsageError } from "./usage.js";

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

type SelectionValues = { readonly [Name in keyof typeof selectionOptions]?: string | boolean | undefined };

const names = ["every", "indices", "times", "fractions", "count", "keyframes", "range", "all", "step"] as const;
const list = names.map((name) => `--${name}`).join(", ");

export function parseSelection(values: SelectionValues): FrameSelection {
  const given = names.filter((name) => values[name] !== undefined);
  if (given.length === 0) throw new UsageError(`say which frames: one of ${list}`);
  if (given.length > 1) throw new UsageError(`${given.map((name) => `--${name}`).join(" and ")} exclude each other`);
  const { every, indices, times, fractions, count, range, step } = values;
  if (typeof times === "string") {
    return { times: splitList(times).map((text) => parseSeconds("--times", text)), ...parseTimeOptions(values) };
  }
  if (typeof range === "string" && isInSeconds(range)) {
    return { range: parseTimeRange(range), ...parseTimeOptions(values) };
  }
  if (values.from !== undefined) throw new UsageError("--from is for --times, and for a --range in seconds");
  if (typeof indices === "string") {
    const clamp = values.clamp === true ? { clamp: true } : {};
    return { indices: splitList(indices).map((text) => parseIndex("--indices", text)), ...clamp };
  }
  if (values.clamp === true) throw new UsageError("--clamp is for --indices, --times, and a --range in seconds");
  if (typeof every === "string") return { every: parseInterval(every) };
  if (typeof fractions === "string") return { fractions: splitList(fractions).map(parseFraction) };
  if (typeof count === "string") return { count: parseInteger("--count", count, 1, maxIndex) };
  if (typeof range === "string") return { range: parseFrameRange(range) };
  if (typeof step === "string") return { range: { step: parseInteger("--step", step, 1, maxIndex) } };
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

/** What is absent stays absent: the options are part of what tells images apart that other options made. */
function parseTimeOptions({ from, clamp }: SelectionValues): TimeOptions {
  if (from !== undefined && from !== "start" && from !== "clock") {
    throw new UsageError(`--from takes start or clock, not "${String(from)}"`);
  }
  return { ...(from === undefined ? {} : { from }), ...(clamp === true ? { clamp } : {}) };
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

function parseFrameRange(text: string): { start?: number; stop?: number; step?: number } {
  const [start, stop, step] = splitRange(text);
  return {
    ...(start === undefined ? {} : { start: parseIndex("--range", start) }),
    ...(stop === undefined ? {} : { stop: parseIndex("--range", stop) }),
    ...(step === undefined ? {} : { step: parseInteger("--range", step, 1, maxIndex) }),
  };
}

function parseTimeRange(text: string): { startSeconds?: number; stopSeconds?: number; fps?: number } {
  const [start, stop, rate] = splitRange(text);
  return {
    ...(start === undefined ? {} : { startSeconds: parseSeconds("--range", start) }),
    ...(stop === undefined ? {} : { stopSeconds: parseSeconds("--range", stop) }),
    ...(rate === undefined ? {} : { fps: parseRate(rate) }),
  };
}

function parseRate(text: string): number {
  const fps = Number(/^(\d+\.?\d*|\.\d+)fps$/.exec(text)?.[1] ?? NaN);
  if (fps > 0) return fps;
  throw new UsageError(`${rangeHint}, not "${text}"`);
}
