import { restoreFailure } from "../protocol/read-failure.js";
import { FramepoolError } from "../errors.js";
import type { HeldError } from "../protocol/channel.js";
import { type ActualFrame, type WireError, fromWire } from "../protocol/wire-error.js";

/** The error of a native frame that is of another size or format than the output was made for. */
export class FrameSizeMismatch extends FramepoolError {
  readonly actual: ActualFrame;

  constructor(error: WireError, actual: ActualFrame, source: string) {
    super("E_FRAME_SIZE", `native frames of different sizes or formats cannot share a batch: ${error.reason}`, {
      source,
    });
    this.actual = actual;
  }
}

/** A worker's error, as it is thrown. `label` names the source; `causeOf` finds the source's own error by its token. */
export function toError(
  error: WireError,
  label: string,
  causeOf: (token: number) => HeldError | undefined,
): FramepoolError {
  if (error.read !== undefined) return restoreFailure(error.read, causeOf(error.read.token), label);
  return error.actual === undefined ? fromWire(error, label) : new FrameSizeMismatch(error, error.actual, label);
}
