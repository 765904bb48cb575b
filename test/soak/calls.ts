import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import type { Frame, FrameBatch, VideoDecoder } from "../../src/index.js";
import { type Random, randomInteger } from "../../src/protocol/random.js";
import { range } from "../api/support/sequences.js";
import { type Subject, Wrong, checkBatch, checkError, checkFrame } from "./checks.js";

/** What was compared, and how calls that gave nothing ended. */
export interface Tally {
  accesses: number;
  readonly errors: Map<string, number>;
}

type Result = Frame | FrameBatch;

type Call = keyof VideoDecoder & `${"get" | "frames"}${string}`;

/** What to do with a result that was right. */
export type Keep = (result: Result) => void;

const mostFrames = 48;

interface Context {
  readonly subject: Subject;
  readonly random: Random;
  readonly tally: Tally;
  readonly keep: Keep;
}

const calls: readonly (readonly [weight: number, call: (context: Context) => Promise<void>])[] = [
  [4, oneFrame],
  [2, oneByOneAtOnce],
  [6, manyFrames],
  [3, frameRange],
  [2, framePlayedAt],
  [2, framesPlayedAt],
  [2, playedInRange],
  [3, stream],
  [2, aborted],
];
const totalWeight = calls.reduce((sum, [weight]) => sum + weight, 0);

/** One random call, compared. Throws Wrong. */
export async function randomCall(context: Context): Promise<void> {
  let at = randomInteger(context.random, 0, totalWeight);
  for (const [weight, call] of calls) {
    if (at < weight) {
      await call(context);
      return;
    }
    at -= weight;
  }
}

/** The call's result is compared and kept, or its error judged. */
async function settle(
  context: Context,
  call: Call,
  wanted: readonly number[],
  promise: Promise<Result>,
  reason?: unknown,
): Promise<void> {
  const { tally, keep } = context;
  const subject = { ...context.subject, name: `${context.subject.name}: ${call}(${wanted.join()})` };
  const isBatch = call.startsWith("getFrames");
  let result: Result;
  try {
    result = await promise;
  } catch (error) {
    const code = reason !== undefined && error === reason ? "aborted" : checkError(subject, wanted, error, isBatch);
    tally.errors.set(code, (tally.errors.get(code) ?? 0) + 1);
    return;
  }
  if ("indices" in result) tally.accesses += checkBatch(subject, wanted, result);
  else {
    checkFrame(subject, wanted[0] ?? 0, result);
    tally.accesses += 1;
  }
  keep(result);
}

function anyFrame({ subject, random }: Context): number {
  return randomInteger(random, 0, subject.video.length);
}

/** In any order, with repetitions; most of the time from one part of the video. */
function anyFrames(context: Context): number[] {
  const { subject, random } = context;
  const { length } = subject.video;
  const count = randomInteger(random, 1, mostFrames);
  const width = random() < 0.5 ? length : Math.min(length, randomInteger(random, 1, 80));
  const first = randomInteger(random, 0, length - width + 1);
  const frames = Array.from({ length: count }, () => first + randomInteger(random, 0, width));
  return random() < 0.3 ? frames.sort((a, b) => a - b) : frames;
}

async function oneFrame(context: Context): Promise<void> {
  const { subject, random } = context;
  const index = anyFrame(context);
  const asked = random() < 0.2 ? index - subject.video.length : index;
  await settle(context, "getFrameAt", [index], subject.video.getFrameAt(asked));
}

async function oneByOneAtOnce(context: Context): Promise<void> {
  const indices = anyFrames(context).slice(0, 12);
  const { video } = context.subject;
  await Promise.all(indices.map((index) => settle(context, "getFrameAt", [index], video.getFrameAt(index))));
}

async function manyFrames(context: Context): Promise<void> {
  const indices = anyFrames(context);
  await settle(context, "getFramesAt", indices, context.subject.video.getFramesAt(indices));
}

async function frameRange(context: Context): Promise<void> {
  const { subject, random } = context;
  const start = anyFrame(context);
  const step = randomInteger(random, 1, 4);
  const stop = Math.min(subject.video.length, start + step * randomInteger(random, 1, mostFrames));
  await settle(
    context,
    "getFramesInRange",
    range(start, stop, step),
    subject.video.getFramesInRange(start, stop, { step }),
  );
}

/** Somewhere while the frame is on screen; undefined where the times of this video do not tell. */
function timeOf({ subject, random }: Context, index: number): number | undefined {
  const { frames, isExact } = subject;
  const [from, to] = [frames[index]?.ptsSeconds ?? NaN, frames[index + 1]?.ptsSeconds ?? NaN];
  // Where times step back, the first frame whose time it is has it.
  if (!isExact || !(to > from) || !isAscending(frames)) return undefined;
  return from + (to - from) * random() * 0.999;
}

const ascending = new WeakMap<Subject["frames"], boolean>();

function isAscending(frames: Subject["frames"]): boolean {
  let is = ascending.get(frames);
  if (is !== undefined) return is;
  let last = -Infinity;
  is = frames.every(({ ptsSeconds }) => {
    const later = Number.isNaN(ptsSeconds) || ptsSeconds > last;
    if (!Number.isNaN(ptsSeconds)) last = ptsSeconds;
    return later;
  });
  ascending.set(frames, is);
  return is;
}

async function framePlayedAt(context: Context): Promise<void> {
  const index = anyFrame(context);
  const time = timeOf(context, index);
  if (time !== undefined)
    await settle(context, "getFramePlayedAt", [index], context.subject.video.getFramePlayedAt(time));
}

async function framesPlayedAt(context: Context): Promise<void> {
  const pairs = anyFrames(context).flatMap((index) => {
    const time = timeOf(context, index);
    return time === undefined ? [] : [{ index, time }];
  });
  const call = context.subject.video.getFramesPlayedAt(pairs.map(({ time }) => time));
  await settle(
    context,
    "getFramesPlayedAt",
    pairs.map(({ index }) => index),
    call,
  );
}

async function playedInRange(context: Context): Promise<void> {
  const { subject, random } = context;
  const first = anyFrame(context);
  const last = Math.min(subject.frames.length - 1, first + randomInteger(random, 0, mostFrames));
  const [start, end] = [timeOf(context, first), timeOf(context, last)];
  if (start === undefined || end === undefined || end <= start) return;
  // A frame whose time is exactly the end is not shown in it.
  const stop = end > (subject.frames[last]?.ptsSeconds ?? NaN) ? last + 1 : last;
  await settle(context, "getFramesPlayedInRange", range(first, stop), subject.video.getFramesPlayedInRange(start, end));
}

/** Left early, or read to the end. */
async function stream(context: Context): Promise<void> {
  const { random, tally } = context;
  const start = anyFrame(context);
  const step = randomInteger(random, 1, 3);
  const stop = Math.min(context.subject.video.length, start + step * randomInteger(random, 1, 2 * mostFrames));
  const subject = { ...context.subject, name: `${context.subject.name}: frames(${start}, ${stop}, ${step})` };
  let left = random() < 0.5 ? randomInteger(random, 1, mostFrames) : Infinity;
  const isSkipped = (index: number): boolean => subject.frames[index]?.status === "skipped";
  const all = range(start, stop, step);
  const wanted = subject.isExact && subject.onError === "skip" ? all.filter((index) => !isSkipped(index)) : all;
  let next = 0;
  try {
    for await (const frame of subject.video.frames({ start, stop, step })) {
      const index = wanted[next++];
      if (index === undefined) throw new Wrong(`${subject.name}: too many frames`);
      checkFrame(subject, index, frame);
      tally.accesses += 1;
      context.keep(frame);
      if (--left === 0) return;
    }
  } catch (error) {
    if (error instanceof Wrong) throw error;
    const code = checkError(subject, wanted, error, true);
    tally.errors.set(code, (tally.errors.get(code) ?? 0) + 1);
    return;
  }
  if (subject.isExact && next < wanted.length) throw new Wrong(`${subject.name}: ${next} frames, not ${wanted.length}`);
}

async function aborted(context: Context): Promise<void> {
  const { subject, random } = context;
  const indices = anyFrames(context);
  const abort = new AbortController();
  const { signal } = abort;
  const reason = new Error("enough");
  const when = randomInteger(random, -2, 8);
  const settled = settle(context, "getFramesAt", indices, subject.video.getFramesAt(indices, { signal }), reason);
  if (when === -1) await turn();
  // Whether the call is done by then is left to chance: both are right.
  if (when >= 0) await delay(when);
  abort.abort(reason);
  await settled;
}
