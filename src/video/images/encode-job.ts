import { runFetched } from "../../feed/fetched-job.js";
import type { EncodeOutput, MaybeImage } from "../../protocol/image-jobs.js";
import { type Rows, indexedRows } from "../../protocol/rows.js";
import type { FramepoolError } from "../../errors.js";
import type { WireError } from "../../protocol/wire-error.js";
import { toError } from "../../threads/job-error.js";
import type { Running } from "../../threads/task.js";
import type { OpenVideo } from "../opened-video.js";
import { jobRanges } from "../plan/job-ranges.js";
import { timedRows, timesOf } from "../by-time.js";

interface EncodePiece {
  /** Ascending. */
  readonly targets: Int32Array;
  readonly threads: number;
  /** The worker that stands where the piece begins. */
  readonly pin: number | undefined;
  readonly moreFollows: boolean;
  /** Packets before are with that worker already. */
  readonly from: number;
}

/** By target, as far as it came. */
export interface EncodedPiece {
  readonly images: readonly MaybeImage[];
  readonly rows: Rows;
  /** Of the first target that is not there. */
  readonly failure: FramepoolError | undefined;
}

/** Has a worker decode and encode frames. */
export function startEncoding(
  video: OpenVideo,
  { targets, threads, pin, moreFollows, from }: EncodePiece,
  output: EncodeOutput,
  signal: AbortSignal,
): Running<EncodedPiece> {
  const { index, resources, base, settings, label, link } = video;
  const { workers } = resources;
  const { onError } = settings;
  const options = { label, signal, pin };
  const failureOf = (error: WireError | undefined): FramepoolError | undefined =>
    error === undefined ? undefined : toError(error, label, () => undefined);
  if (index === undefined) {
    const job = {
      kind: "encodeTimes",
      ...base,
      ...timesOf(video, targets),
      ...output,
      frames: targets,
      onError,
    } as const;
    const running = workers.run(job, { ...options, channel: link?.channel });
    const result = running.result.then(({ images, failure, ...done }) => {
      const rows = timedRows(video, targets.subarray(0, done.status.length), done);
      return { images, rows, failure: failureOf(failure) };
    });
    return { ...running, result };
  }
  const own = { index: index.buffer, targets, onError, moreFollows, threads };
  const job = { kind: "encode", ...base, ...own, ...output } as const;
  const running = runFetched(workers, link, (most) => jobRanges(index, targets, from, most), job, options);
  const result = running.result.then(({ images, status, delivered, failure }) => {
    return { images, rows: indexedRows(index, delivered, status), failure: failureOf(failure) };
  });
  return { ...running, result };
}
