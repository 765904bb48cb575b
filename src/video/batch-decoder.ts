import { FramepoolError, isInstance } from "../errors.js";
import type { Rows } from "../frame.js";
import { at } from "../protocol/frame-index.js";
import { type OutputSpec, nativeSpec } from "../protocol/output.js";
import { FrameSizeMismatch } from "../pool/job-error.js";
import { LinkedAbort } from "../pool/linked-abort.js";
import { runFetched } from "./fetched-job.js";
import { jobRanges } from "./job-ranges.js";
import type { OpenVideo } from "./open-video.js";
import { mostFetched } from "./remotes.js";
import { planRequest } from "./request-plan.js";
import type { Lease } from "../pool/output-memory.js";
import type { Running } from "../pool/task.js";

/** Decoded pixels and what they are. */
export interface Decoded {
  readonly lease: Lease;
  readonly spec: OutputSpec;
  readonly rows: Rows;
}

/** Frames of an opened video, by number, decoded by as many workers as the request can use. `wanted` is in range. */
export async function decodeFrames(
  video: OpenVideo,
  wanted: Int32Array,
  signal: AbortSignal | undefined,
): Promise<Decoded> {
  return await withActualSize(video.spec, async (spec) => {
    const lease = leaseFor(video, wanted.length, spec);
    const rows =
      video.index === undefined
        ? await decodeApproximately(video, wanted, spec, lease, signal)
        : await decodeExactly(video, wanted, spec, lease, signal);
    return { lease, spec, rows };
  });
}

/** Native frames have their own size, which may be another than the header's: then once more with what they are. */
async function withActualSize<T>(spec: OutputSpec, decode: (spec: OutputSpec) => Promise<T>): Promise<T> {
  try {
    return await decode(spec);
  } catch (error) {
    if (!isInstance(error, FrameSizeMismatch)) throw error;
    const { pixelFormat, width, height, layout } = error.actual;
    return await decode(nativeSpec(pixelFormat, width, height, layout));
  }
}

/** Checks the size before any memory is taken: throws E_LIMIT. */
export function leaseFor(video: OpenVideo, frames: number, spec: OutputSpec): Lease {
  const bytes = frames * spec.frameBytes;
  const limit = video.resources.settings.limits.maxOutputBytes;
  if (bytes <= limit) return video.resources.memory.lease(bytes);
  throw new FramepoolError(
    "E_LIMIT",
    `${String(frames)} frames need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes): iterate with frames(), or ask for fewer at a time`,
    { source: video.label },
  );
}

async function decodeExactly(
  video: OpenVideo,
  wanted: Int32Array,
  spec: OutputSpec,
  lease: Lease,
  signal: AbortSignal | undefined,
): Promise<Rows> {
  const { index, resources, base, settings, label, link } = video;
  if (index === undefined) throw new FramepoolError("E_INTERNAL", "no index");
  const { workers } = resources;
  const { jobs, pin } = planRequest(video, index, wanted);
  const results = await runAll(video, lease, signal, (linked) =>
    jobs.map(({ job: { targets, rows }, threads }) =>
      runFetched(
        workers,
        link,
        link === undefined ? [] : jobRanges(index, targets, 0, mostFetched),
        {
          kind: "decode",
          ...base,
          index: index.buffer,
          targets,
          rows,
          output: lease.buffer,
          spec,
          onError: settings.onError,
          moreFollows: pin !== undefined,
          threads,
        },
        { label, signal: linked, pin },
      ),
    ),
  );
  const indices = new Int32Array(wanted.length);
  const status = new Uint8Array(wanted.length);
  results.forEach((result, i) => {
    jobs[i]?.job.rows.forEach((row, i) => {
      indices[row] = at(result.delivered, i);
      status[row] = at(result.status, i);
    });
  });
  return {
    indices,
    ptsSeconds: Float64Array.from(indices, (frame) => at(index.pts, frame)),
    durationSeconds: Float64Array.from(indices, (frame) => at(index.duration, frame)),
    status,
  };
}

/** Without an index: frame i is the first one at or after begin + i / fps. */
async function decodeApproximately(
  video: OpenVideo,
  wanted: Int32Array,
  spec: OutputSpec,
  lease: Lease,
  signal: AbortSignal | undefined,
): Promise<Rows> {
  const { metadata, resources, base, settings, label, link } = video;
  const { timeBase, averageFps, beginStreamSeconds } = metadata;
  if (averageFps === null) {
    lease.release();
    throw new FramepoolError("E_METADATA", 'the header states no frame rate: open it with seekMode "exact"', {
      source: label,
    });
  }
  const ticks = timeBase.den / timeBase.num;
  const rows = Int32Array.from(wanted, (_, i) => i).sort((a, b) => at(wanted, a) - at(wanted, b));
  const targets = BigInt64Array.from(rows, (row) =>
    BigInt(Math.round((beginStreamSeconds + at(wanted, row) / averageFps) * ticks)),
  );
  const [result] = await runAll(video, lease, signal, (linked) => [
    resources.workers.run(
      { kind: "decodeTimes", ...base, targets, rows, output: lease.buffer, spec, threads: settings.threads ?? 1 },
      { label, signal: linked, channel: link?.channel },
    ),
  ]);
  const ptsSeconds = new Float64Array(wanted.length);
  const durationSeconds = new Float64Array(wanted.length);
  rows.forEach((row, i) => {
    ptsSeconds[row] = Number(result?.pts[i] ?? 0n) / ticks;
    durationSeconds[row] = Number(result?.duration[i] ?? 0n) / ticks;
  });
  return { indices: wanted, ptsSeconds, durationSeconds, status: new Uint8Array(wanted.length) };
}

/**
 * Runs jobs that write into one lease. When one fails or the signal aborts, the caller is told at once, the others are
 * cancelled, and the memory is given back when no worker writes into it any more.
 */
async function runAll<T>(
  video: OpenVideo,
  lease: Lease,
  signal: AbortSignal | undefined,
  start: (linked: AbortSignal) => Running<T>[],
): Promise<T[]> {
  const linked = new LinkedAbort(video.closing.signal, signal);
  const running = start(linked.signal);
  try {
    const results = await Promise.all(running.map(({ result }) => result));
    if (running.length === 1) video.cursor.slot = running[0]?.slot();
    return results;
  } catch (error) {
    linked.abort(error);
    void Promise.all(running.map(({ settled }) => settled)).then(() => {
      lease.release();
    });
    throw error;
  } finally {
    linked.unlink();
  }
}
