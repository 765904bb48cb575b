import type { Frame, FrameBatch, OnError, VideoDecoder } from "../../src/index.js";
import { digest } from "../api/support/pixels.js";
import type { LinearFrame } from "./truth.js";

/** A picture, a time, a status or an outcome that decoding from start to end denies. */
export class Wrong extends Error {}

/** A decoder and what is right for it. */
export interface Subject {
  /** The file and how it was opened. */
  readonly name: string;
  readonly video: VideoDecoder;
  readonly frames: readonly LinearFrame[];
  readonly onError: OnError;
  /** Frame i is frame i: approximate mode says with status and pts what it gives, and that is what is checked. */
  readonly isExact: boolean;
  readonly isNative: boolean;
  /** Its calls may end with E_CLOSED. */
  readonly closing: { begun: boolean };
}

type Judged = Pick<Subject, "name" | "frames" | "onError" | "isExact" | "isNative">;

/** Throws where the call could not end like this; of `wanted` with `isBatch` at once. Returns the error's code. */
export function checkError(
  subject: Judged & Partial<Pick<Subject, "closing">>,
  wanted: readonly number[],
  error: unknown,
  isBatch: boolean,
): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const { frames, isExact, isNative, onError } = subject;
  if (code === "E_CLOSED" && subject.closing?.begun === true) return code;
  if (isNative && code.startsWith("E_FRAME_")) {
    // A picture that stands in for another has that one's size.
    const seen = onError === "nearest" || !isExact ? frames : wanted.map((index) => frames[index]);
    if (new Set(seen.map((frame) => frame?.shape ?? "").filter((shape) => shape !== "")).size > 1) return code;
  }
  if (code === "E_DECODE") {
    const isLost = (index: number): boolean => frames[index]?.status === "skipped";
    if (!isExact && frames.some((_, index) => isLost(index))) return code;
    if (!isExact && wanted.some((index) => index >= frames.length)) return code;
    // A frame that is asked for alone has no row that could be left out.
    if ((onError === "throw" || (onError === "skip" && !isBatch)) && wanted.some(isLost)) {
      const { frame } = error as { frame?: { readonly index: number } };
      if (frame !== undefined && isLost(frame.index)) return code;
    }
    if (onError === "nearest" && frames.every((_, index) => isLost(index))) return code;
  }
  throw new Wrong(`${subject.name}: ${code} ${String(error)}`);
}

/** `wanted` is what was asked for, row by row. Returns how many pictures were compared. */
export function checkBatch(subject: Judged, wanted: readonly number[], batch: FrameBatch): number {
  const { name, frames, isExact, onError } = subject;
  if (batch.length !== wanted.length) throw new Wrong(`${name}: ${batch.length} rows for ${wanted.length}`);
  if (isExact && onError === "throw") {
    const lost = wanted.find((index) => frames[index]?.status === "skipped");
    if (lost !== undefined) throw new Wrong(`${name}: frame ${lost} cannot be decoded, yet there is a batch of it`);
  }
  wanted.forEach((index, row) => {
    const isSkipped = frames[index]?.status === "skipped";
    if (batch.status[row] !== "skipped") checkFrame(subject, index, batch.frame(row));
    else if (onError !== "skip" || (isExact && !isSkipped)) throw new Wrong(`${name}: frame ${index} was left out`);
  });
  return wanted.length;
}

export function checkFrame(subject: Judged, wanted: number, frame: Frame): void {
  const { name, frames, isExact, onError } = subject;
  const wrong = (what: string): Wrong => new Wrong(`${name}: frame ${wanted}: ${what}`);
  if (!isExact) {
    checkClaim(subject, frame, wrong);
    return;
  }
  const right = frames[wanted];
  if (right === undefined) throw wrong("it does not exist");
  if (right.status === "skipped") {
    if (onError !== "nearest" || frame.status !== "nearest")
      throw wrong(`it cannot be decoded, yet is ${frame.status}`);
    compare(frames[frame.index], frame, wrong);
    return;
  }
  if (frame.status !== right.status) throw wrong(`${frame.status}, not ${right.status}`);
  if (frame.index !== wanted) throw wrong(`says that it is frame ${frame.index}`);
  compare(right, frame, wrong);
}

function compare(right: LinearFrame | undefined, frame: Frame, wrong: (what: string) => Wrong): void {
  if (frame.ptsSeconds !== right?.ptsSeconds) throw wrong(`pts ${frame.ptsSeconds}, not ${String(right?.ptsSeconds)}`);
  if (digest(frame) !== right.digest) throw wrong("another picture");
}

/** Of rounding times to the time base and back. */
const rounding = 1e-6;

/** What is said to be right is a picture of the video with its own time. */
function checkClaim({ frames }: Judged, frame: Frame, wrong: (what: string) => Wrong): void {
  if (frame.status !== "ok") return;
  const picture = digest(frame);
  const times = frames.filter((right) => right.digest === picture && right.status === "ok");
  if (times.length === 0) throw wrong("ok, but no picture of the video");
  if (times.some(({ ptsSeconds }) => Math.abs(ptsSeconds - frame.ptsSeconds) <= rounding)) return;
  throw wrong(`ok at ${frame.ptsSeconds} s, but that picture is shown at ${times[0]!.ptsSeconds} s`);
}
