import { binding } from "../native/addon.js";
import { type ErrorCode, FramepoolError, isInstance, messageOf, propertyOf, systemReason } from "../src/errors.js";
import type { WireError } from "../src/protocol/wire-error.js";
import { SourceReadError } from "./channel-reads.js";

/** A frame of the current job, for the error that names it. */
export class FrameFailure extends Error {
  readonly frame: { index: number; ptsSeconds: number };

  constructor(frame: { index: number; ptsSeconds: number }, cause: unknown) {
    super("a frame cannot be decoded", { cause });
    this.frame = frame;
  }
}

/** A picture's file could not be written. */
export class WriteFailure extends Error {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super("a picture cannot be written", { cause });
    this.path = path;
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

/** An error as data. `log`: what FFmpeg said last, where the error does not bring it along. */
export function toWire(error: unknown, log: readonly string[]): WireError {
  if (isInstance(error, FrameFailure)) {
    const cause = toWire(error.cause, log);
    return {
      ...cause,
      reason: `frame ${String(error.frame.index)} (pts ${String(error.frame.ptsSeconds)} s): ${cause.reason}`,
      frame: error.frame,
    };
  }
  if (isInstance(error, WriteFailure)) {
    const isForbidden = ["EACCES", "EPERM", "EROFS"].includes(String(propertyOf(error.cause, "code")));
    const reason = `cannot be written: ${systemReason(error.cause)}`;
    return { code: isForbidden ? "E_ACCESS" : "E_IO", reason, log: [], file: error.path };
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
