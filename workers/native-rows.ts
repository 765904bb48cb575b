// Rows of output, written by the native reader: by number with an index, by time without one.
import type { NativeOutput, NativeReader } from "../native/addon.js";
import { countSharedMemory } from "../src/protocol/counted-memory.js";
import { FrameIndex, at } from "../src/protocol/frame-index.js";
import { type DecodeTimesJob, type DecodeTimesResult, type OnError, onErrorCodes } from "../src/protocol/video.js";
import { type OutputSpec, dimensionOrderCodes, dtypeCodes, pixelFormatCodes } from "../src/protocol/output.js";
import type { StreamInfo } from "../src/protocol/stream-info.js";
import { nativeSteps } from "../src/protocol/transform.js";
import { FrameFailure } from "./failure.js";
import { decodePass } from "./shared-pass.js";

/** An open reader and what its stream is. */
export interface VideoReader {
  readonly reader: NativeReader;
  readonly info: StreamInfo;
}

interface OutputRows {
  readonly rows: Int32Array;
  readonly output: SharedArrayBuffer;
  readonly spec: OutputSpec;
  readonly threads: number;
}

export interface RowRequest extends OutputRows {
  readonly targets: Int32Array;
  readonly onError: OnError;
  readonly moreFollows: boolean;
}

/** By target: its status (see frameStatuses) and the frame that its row holds. */
export interface DecodedRows {
  readonly status: Uint8Array;
  readonly delivered: Int32Array;
}

export function decodeRows(entry: VideoReader, index: SharedArrayBuffer, request: RowRequest): DecodedRows {
  const { targets } = request;
  const status = new Uint8Array(targets.length);
  const delivered = new Int32Array(targets.length);
  try {
    entry.reader.decode({
      targets,
      status,
      delivered,
      onError: onErrorCodes[request.onError],
      moreFollows: request.moreFollows,
      ...nativeOutput(request),
    });
  } catch (error) {
    const failed = status.indexOf(skippedCode);
    const frame = targets[failed];
    if (frame === undefined) throw error;
    const { pts } = FrameIndex.of(index, entry.info.timeBase);
    throw new FrameFailure({ index: frame, ptsSeconds: at(pts, frame) }, error);
  }
  return { status, delivered };
}

const skippedCode = 3;

function nativeOutput({ rows, output, spec, threads }: OutputRows): NativeOutput {
  const { processing } = spec;
  countSharedMemory(output);
  return {
    threads,
    rows,
    output: new Uint8Array(output),
    format: pixelFormatCodes[spec.pixelFormat],
    type: dtypeCodes[spec.dtype],
    layout: dimensionOrderCodes[spec.dimensionOrder],
    nativeFormat: spec.nativeFormat ?? "",
    width: processing.width,
    height: processing.height,
    steps: nativeSteps(processing.steps),
    mean: Float32Array.from(processing.mean),
    std: Float32Array.from(processing.std),
    frameBytes: spec.frameBytes,
  };
}

export function decodeTimes(job: DecodeTimesJob, entry: VideoReader): DecodeTimesResult {
  const pts = new BigInt64Array(job.targets.length);
  const duration = new BigInt64Array(job.targets.length);
  const status = new Uint8Array(job.targets.length);
  const { spec, tolerance } = job;
  const onError = onErrorCodes[job.onError];
  const failures = decodePass(job, entry.reader, ({ begin, end, rows, output }) => {
    const targets = job.targets.subarray(begin, end);
    const own = status.subarray(begin, end);
    try {
      entry.reader.decodeTimes({
        targets,
        onError,
        tolerance,
        status: own,
        pts: pts.subarray(begin, end),
        duration: duration.subarray(begin, end),
        // With more, what was wrong with a picture may be told when it is gone.
        ...nativeOutput({ rows, output, spec, threads: 1 }),
      });
    } catch (error) {
      const failed = own.indexOf(skippedCode);
      const [frame, time] = [job.frames[begin + failed], targets[failed]];
      if (frame === undefined || time === undefined) throw error;
      const { num, den } = entry.info.timeBase;
      throw new FrameFailure({ index: frame, ptsSeconds: (Number(time) * num) / den }, error);
    }
  });
  return { status, pts, duration, failures };
}
