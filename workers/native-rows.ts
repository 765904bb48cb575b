// Rows of output, written by the native reader: by number with an index, by time without one.
import type { NativeOutput, NativePixels, NativeReader, NativeTarget } from "../native/addon.js";
import { countSharedMemory } from "../src/protocol/output-buffer.js";
import { isInstance } from "../src/errors.js";
import { FrameIndex, at } from "../src/protocol/frame-index.js";
import { type DecodeTimesJob, type DecodeTimesResult, type OnError, onErrorCodes } from "../src/protocol/video.js";
import { type OutputSpec, dimensionOrderCodes, dtypeCodes, pixelFormatCodes } from "../src/protocol/output.js";
import type { StreamInfo } from "../src/protocol/stream-info.js";
import { nativeSteps } from "../src/protocol/transform.js";
import { FrameFailure, WriteFailure } from "./failure.js";
import { decodePass } from "./shared-pass.js";

/** An open reader and what its stream is. */
export interface VideoReader {
  readonly reader: NativeReader;
  readonly info: StreamInfo;
}

/** Frames by number. `targets` ascend. */
export interface FramesRequest {
  readonly targets: Int32Array;
  readonly onError: OnError;
  readonly moreFollows: boolean;
  readonly threads: number;
}

interface OutputRows {
  readonly rows: Int32Array;
  readonly output: SharedArrayBuffer;
  readonly spec: OutputSpec;
}

export interface RowRequest extends FramesRequest, OutputRows {}

/** By target: its status (see frameStatuses) and the frame that came. */
export interface DecodedRows {
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
}

export function decodeRows(entry: VideoReader, index: SharedArrayBuffer, request: RowRequest): DecodedRows {
  const done = rowsFor(request.targets.length);
  decodeFrames(entry, index, request, done, rowsOf(request));
  return done;
}

export function rowsFor(targets: number): DecodedRows {
  return { status: new Uint8Array(targets), delivered: new Int32Array(targets) };
}

/** Writes `done`, as far as it comes. */
export function decodeFrames(
  entry: VideoReader,
  index: SharedArrayBuffer,
  { targets, onError, moreFollows, threads }: FramesRequest,
  done: DecodedRows,
  into: NativeTarget,
): void {
  try {
    entry.reader.decode({ ...into, targets, ...done, onError: onErrorCodes[onError], moreFollows, threads });
  } catch (error) {
    const failed = done.status.indexOf(skippedCode);
    const frame = targets[failed];
    if (frame === undefined || isInstance(error, WriteFailure)) throw error;
    const { pts } = FrameIndex.of(index);
    throw new FrameFailure({ index: frame, ptsSeconds: at(pts, frame) }, error);
  }
}

const skippedCode = 3;

function rowsOf({ rows, output, spec }: OutputRows): NativeOutput {
  countSharedMemory(output);
  return { rows, output: new Uint8Array(output), ...nativePixels(spec) };
}

export function nativePixels(spec: OutputSpec): NativePixels {
  const { processing } = spec;
  return {
    format: pixelFormatCodes[spec.pixelFormat],
    type: dtypeCodes[spec.dtype],
    layout: dimensionOrderCodes[spec.dimensionOrder],
    nativeFormat: spec.nativeFormat ?? "",
    width: processing.width,
    height: processing.height,
    toneMapPeak: processing.toneMapPeak,
    steps: nativeSteps(processing.steps),
    mean: Float32Array.from(processing.mean),
    std: Float32Array.from(processing.std),
    frameBytes: spec.frameBytes,
  };
}

/** Frames by time. `targets` ascend, in the stream's time base; `frames`: the numbers that were reckoned into them. */
interface TimesRequest {
  readonly targets: BigInt64Array;
  readonly frames: Int32Array;
  readonly tolerance: number;
  readonly onError: OnError;
}

/** By target. */
interface TimedRows {
  readonly status: Uint8Array;
  readonly pts: BigInt64Array;
  readonly duration: BigInt64Array;
}

/** Writes `done`, as far as it comes. */
export function decodeByTime(
  { reader, info }: VideoReader,
  { targets, frames, tolerance, onError }: TimesRequest,
  done: TimedRows,
  into: NativeTarget,
): void {
  try {
    // With more threads, what was wrong with a picture may be told when it is gone.
    reader.decodeTimes({ ...into, targets, ...done, tolerance, onError: onErrorCodes[onError], threads: 1 });
  } catch (error) {
    const failed = done.status.indexOf(skippedCode);
    const [frame, time] = [frames[failed], targets[failed]];
    if (frame === undefined || time === undefined || isInstance(error, WriteFailure)) throw error;
    const { num, den } = info.timeBase;
    throw new FrameFailure({ index: frame, ptsSeconds: (Number(time) * num) / den }, error);
  }
}

export function decodeTimes(job: DecodeTimesJob, entry: VideoReader): DecodeTimesResult {
  const pts = new BigInt64Array(job.targets.length);
  const duration = new BigInt64Array(job.targets.length);
  const status = new Uint8Array(job.targets.length);
  const { spec, tolerance, onError } = job;
  const failures = decodePass(job, entry.reader, ({ begin, end, rows, output }) => {
    const [targets, frames] = [job.targets.subarray(begin, end), job.frames.subarray(begin, end)];
    const own = {
      status: status.subarray(begin, end),
      pts: pts.subarray(begin, end),
      duration: duration.subarray(begin, end),
    };
    decodeByTime(entry, { targets, frames, tolerance, onError }, own, rowsOf({ rows, output, spec }));
  });
  return { status, pts, duration, failures };
}
