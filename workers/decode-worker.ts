import { type NativeReaderBase, binding } from "../native/addon.js";
import { type ErrorCode, FramepoolError, isInstance, messageOf } from "../src/errors.js";
import type { Envelope, Job, Reply } from "../src/protocol/job.js";
import type { WireError } from "../src/protocol/wire-error.js";
import { SourceReadError } from "./channel-reads.js";
import { FrameFailure, runJob } from "./run-job.js";
import { mayBegin } from "./setup.js";

const takenBack: Reply<Job["kind"]> = {
  ok: false,
  error: { code: "CANCELLED", reason: "taken back", log: [] },
  log: [],
};

/** The pool's entry: does one job and always answers, errors as data. */
export default function decodeWorker(envelope: Envelope): Reply<Job["kind"]> {
  if (!mayBegin(envelope)) return takenBack;
  let reader: NativeReaderBase | undefined;
  let log: string[] = [];
  let reply: Reply<Job["kind"]>;
  try {
    const value = runJob(envelope, (used) => {
      reader = used;
    });
    reply = { ok: true, value: value as never, log };
  } catch (error) {
    reply = { ok: false, error: toWire(error, lines(reader, "logTail")), log };
  }
  if (envelope.keepLog) log = lines(reader, "logAll");
  return { ...reply, log };
}

/** A reader that was opened for this job alone is closed by now and has no log any more. */
function lines(reader: NativeReaderBase | undefined, which: "logTail" | "logAll"): string[] {
  try {
    return reader?.[which]() ?? [];
  } catch {
    return [];
  }
}

interface NativeError {
  readonly code?: unknown;
  /** Of a reader that failed to open. */
  readonly log?: readonly string[];
  readonly width?: number;
  readonly height?: number;
  readonly pixelFormat?: string;
}

function toWire(error: unknown, log: readonly string[]): WireError {
  if (isInstance(error, FrameFailure)) {
    const cause = toWire(error.cause, log);
    return {
      ...cause,
      reason: `frame ${String(error.frame.index)} (pts ${String(error.frame.ptsSeconds)} s): ${cause.reason}`,
      frame: error.frame,
    };
  }
  if (isInstance(error, SourceReadError)) {
    const { code, reason } = error.failure;
    return { code: isCode(code) ? code : "E_IO", reason, log, read: error.failure };
  }
  if (isInstance(error, FramepoolError)) return { code: error.code, reason: error.reason, log };
  const { code, log: ownLog, width, height, pixelFormat } = Object(error) as NativeError;
  const reason = messageOf(error);
  const wire: WireError = { code: isCode(code) ? code : "E_INTERNAL", reason, log: ownLog?.length ? ownLog : log };
  if (width === undefined || height === undefined || pixelFormat === undefined) return wire;
  return {
    ...wire,
    actual: { width, height, pixelFormat, layout: binding().nativeLayout(pixelFormat, width, height) },
  };
}

function isCode(code: unknown): code is ErrorCode | "CANCELLED" {
  return typeof code === "string" && (code.startsWith("E_") || code === "CANCELLED");
}
