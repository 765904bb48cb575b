import { FramepoolError } from "../src/errors.js";
import { type ClipSampler, clipIndices, clipTimes } from "../src/protocol/clip-plan.js";
import { FrameIndex, at } from "../src/protocol/frame-index.js";
import type { ClipsJob, ClipsResult } from "../src/protocol/video.js";
import { outputBuffer } from "../src/protocol/output-buffer.js";
import { type OutputSpec, outputSpec } from "../src/protocol/output.js";
import { type Random, seededRandom } from "../src/protocol/random.js";
import { indexedRows } from "../src/protocol/rows.js";
import { IndexedTimes } from "../src/protocol/frame-times.js";
import { type Selected, frameAt, select } from "../src/protocol/selection.js";
import type { StreamInfo } from "../src/protocol/stream-info.js";
import type { DecodedRows, RowRequest } from "./native-rows.js";

type DecodedClips = Omit<ClipsResult, "learnt" | "made">;

/** One item of a data set: see ClipsJob. */
export function decodeClips(
  job: ClipsJob,
  info: StreamInfo,
  buffer: SharedArrayBuffer,
  decode: (request: RowRequest) => DecodedRows,
): DecodedClips {
  const index = FrameIndex.of(buffer);
  const spec = outputSpec(info, job.request, job.open.maxPixels);
  const { indices, targetSeconds } = drawClips(job, index);
  const { made, places } = placesOf(job, spec, indices.length);
  const status = new Uint8Array(indices.length);
  for (const { output, firstRow, first, count } of places) {
    const order = Int32Array.from({ length: count }, (_, i) => first + i).sort(
      (a, b) => at(indices, a) - at(indices, b),
    );
    const decoded = decode({
      targets: order.map((frame) => at(indices, frame)),
      rows: order.map((frame) => firstRow + frame - first),
      output,
      spec,
      threads: job.threads,
      onError: "throw",
      moreFollows: false,
    });
    order.forEach((frame, i) => (status[frame] = at(decoded.status, i)));
  }
  return {
    spec: job.frameShape === undefined ? spec : undefined,
    output: made,
    rows: indexedRows(index, indices, status, targetSeconds),
  };
}

/** The frames of the item's clips that are wanted, clip after clip. Throws E_OUT_OF_RANGE. */
function drawClips({ sampler, seeds, skip }: ClipsJob, index: FrameIndex): Selected {
  const { indices, targetSeconds } = draw(sampler, new IndexedTimes(index), seededRandom(...seeds));
  const first = skip * sampler.numFramesPerClip;
  return { indices: indices.subarray(first), targetSeconds: targetSeconds?.subarray(first) };
}

function draw(sampler: ClipSampler, times: IndexedTimes, random: Random): Selected {
  switch (sampler.type) {
    case "selection":
      return select(times, sampler.selection);
    case "randomIndices":
    case "regularIndices":
      return { indices: clipIndices(sampler, times.length, random), targetSeconds: undefined };
    case "randomTimestamps":
    case "regularTimestamps": {
      const { length, begin: beginSeconds, end: endSeconds } = times;
      const averageFps = endSeconds > beginSeconds ? length / (endSeconds - beginSeconds) : null;
      const targetSeconds = clipTimes(sampler, { averageFps, beginSeconds, endSeconds }, random);
      return { indices: Int32Array.from(targetSeconds, (time) => frameAt(times, time)), targetSeconds };
    }
  }
}

/** Rows that follow each other: `count` frames of the job's, from `first` on. */
interface Place {
  readonly output: SharedArrayBuffer;
  readonly firstRow: number;
  readonly first: number;
  readonly count: number;
}

/** Where the frames go: where the job says, or into memory of their own. Throws E_FRAME_SIZE and E_LIMIT. */
function placesOf(
  job: ClipsJob,
  spec: OutputSpec,
  frames: number,
): { readonly made: SharedArrayBuffer | undefined; readonly places: readonly Place[] } {
  const { frameShape = spec.frameShape, nativeFormat = spec.nativeFormat, pieces } = job;
  if (String(spec.frameShape) !== String(frameShape)) {
    throw new FramepoolError(
      "E_FRAME_SIZE",
      `its frames are ${shapeText(spec.frameShape)}, those of the batch ${shapeText(frameShape)}: resize or crop all to one size`,
    );
  }
  if (spec.nativeFormat !== nativeFormat) {
    throw new FramepoolError(
      "E_FRAME_SIZE",
      `its frames are ${String(spec.nativeFormat)}, those of the batch ${String(nativeFormat)}`,
    );
  }
  if (pieces === undefined) {
    const output = clipMemory(frames * spec.frameBytes, job.maxOutputBytes);
    return { made: output, places: [{ output, firstRow: 0, first: 0, count: frames }] };
  }
  let first = 0;
  const { numFramesPerClip } = job.sampler;
  const places = pieces.map((piece) => {
    const firstRow = piece.first * numFramesPerClip;
    const place = { output: piece.output, firstRow, first, count: piece.clips * numFramesPerClip };
    first += place.count;
    return place;
  });
  return { made: undefined, places };
}

/** Memory for an item's clips, of pictures or of sound. Throws E_LIMIT. */
export function clipMemory(bytes: number, limit: number): SharedArrayBuffer {
  if (bytes <= limit) return outputBuffer(bytes);
  throw new FramepoolError(
    "E_LIMIT",
    `its clips need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes)`,
  );
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
