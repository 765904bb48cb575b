import { type ErrorCode, FramepoolError } from "../errors.js";
import type { ReadFailure } from "./channel.js";
import type { NativeLayout } from "./stream-info.js";

/** An error as it crosses threads: structured clone would drop its class and its code. */
export interface WireError {
  /** `CANCELLED` when the job was cancelled: the main thread knows the reason. */
  readonly code: ErrorCode | "CANCELLED";
  readonly reason: string;
  readonly frame?: { readonly index: number; readonly ptsSeconds: number };
  readonly log: readonly string[];
  /** What it is about instead of the source: a file that could not be written. */
  readonly file?: string;
  /** The source failed: its own error can be had. */
  readonly read?: ReadFailure;
  /** With E_FRAME_SIZE: what the frame really is. */
  readonly actual?: ActualFrame;
}

export interface ActualFrame {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly layout: NativeLayout;
}

export function fromWire(error: WireError, source: string): FramepoolError {
  const code = error.code === "CANCELLED" ? "E_INTERNAL" : error.code;
  return new FramepoolError(code, error.reason, { source: error.file ?? source, frame: error.frame, log: error.log });
}
