import { ascends, sorted } from "../../protocol/sorted.js";
import type { OpenVideo } from "../opened-video.js";
import { type PlannedJob, planFrames } from "../plan/frame-plan.js";
import { frameThreads } from "../plan/schedule.js";

/** Frames that one worker decodes one after the other: ascending, each with its place in what is wanted. */
export interface ImageRun extends Pick<PlannedJob, "targets" | "rows"> {
  /** FFmpeg's own, inside the worker. */
  readonly threads: number;
}

/** Runs for each worker at least: they are not equally long. */
const runsPerWorker = 4;
/** Pictures of a run, at most about, where it can be cut. */
const picturesPerRun = 64;
/** What is asked for in another order than the video's is encoded in windows, since one has to wait for the last of its window. */
const window = 64;

/** In the order in which the pictures are wanted. */
export function* planImages(video: OpenVideo, wanted: Int32Array): Generator<ImageRun, undefined, undefined> {
  const length = ascends(wanted) ? wanted.length : window;
  for (let begin = 0; begin < wanted.length; begin += length) {
    yield* runsOf(video, wanted.subarray(begin, begin + length), begin);
  }
  return undefined;
}

function runsOf(
  { index, metadata, settings, resources: { workers } }: OpenVideo,
  wanted: Int32Array,
  first: number,
): ImageRun[] {
  const placed = (rows: Int32Array): Int32Array => rows.map((row) => row + first);
  if (index === undefined) {
    const { values, positions } = sorted(wanted, metadata.numFrames);
    return [{ targets: values, rows: placed(positions), threads: 1 }];
  }
  const most = Math.max(workers.threads * runsPerWorker, Math.ceil(wanted.length / picturesPerRun));
  const jobs = planFrames(index, wanted, most);
  // Workers that have no run of their own lend their cores to those that have.
  const threads = settings.threads ?? frameThreads(Math.floor(Math.max(1, workers.idle) / jobs.length));
  return jobs.map(({ targets, rows }) => ({ targets, rows: placed(rows), threads }));
}
