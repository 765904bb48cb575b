import { at, type FrameIndex } from "../../protocol/frame-index.js";
import { type PlannedJob, joinJobs, planFrames } from "./frame-plan.js";
import { frameThreads, schedule } from "./schedule.js";
import type { RemoteLink } from "../../feed/source-link.js";
import type { PoolResources } from "../../pool/resources.js";
import type { DecoderSettings } from "../options.js";

/** Jobs for each worker: more even out what the costs do not tell, too many cost seeks. */
const jobsPerWorker = 4;
/** Jobs that a request which goes on may take otherwise: a longer one is worth sharing out. */
const mostGoingOn = 2;

/** Where the last request ended, for callers that go through a video one request after the other. */
export interface Cursor {
  /** The frame that would follow, -1 when the last request was cut into pieces. */
  next: number;
  /** The worker that stands there, with so many of FFmpeg's threads; undefined until it arrived. */
  slot: number | undefined;
  threads: number;
}

/** Of the video that is planned for. */
interface Planned {
  readonly cursor: Cursor;
  readonly link: RemoteLink | undefined;
  readonly resources: Pick<PoolResources, "workers">;
  readonly settings: Pick<DecoderSettings, "threads">;
}

interface RequestPlan {
  /** In the order to begin them. */
  readonly jobs: readonly { readonly job: PlannedJob; readonly threads: number }[];
  /** The worker that goes on where the last request ended; nothing is drained then. */
  readonly pin: number | undefined;
}

/**
 * A request that begins where the last one ended, as the next one presumably will too, goes on in the worker that stands
 * there, in one piece; any other is cut for all workers. Moves the cursor's `next`.
 */
export function planRequest(
  { cursor, link, resources: { workers }, settings }: Planned,
  index: FrameIndex,
  wanted: Int32Array,
): RequestPlan {
  // A thread that must not be waited for: all jobs are with the workers at once.
  const atOnce = link !== undefined && link.fetch === undefined;
  const cut = atOnce
    ? joinJobs(planFrames(index, wanted, workers.threads), workers.threads)
    : planFrames(index, wanted, workers.threads * jobsPerWorker);
  const { slot, threads } = cursor;
  const goesOn = slot !== undefined && cut[0]?.targets[0] === cursor.next && cut.length <= mostGoingOn;
  const jobs = goesOn ? planFrames(index, wanted, 1) : cut;
  const [first] = jobs;
  const whole = jobs.length === 1 && first !== undefined ? first : undefined;
  cursor.next = whole === undefined ? -1 : at(whole.targets, whole.targets.length - 1) + 1;
  if (goesOn && whole !== undefined) return { jobs: [{ job: whole, threads }], pin: slot };
  const chosen = schedule(jobs, workers.idle).map(({ job, cores }) => ({
    job,
    threads: settings.threads ?? frameThreads(cores),
  }));
  cursor.slot = undefined;
  cursor.threads = chosen[0]?.threads ?? 1;
  return { jobs: chosen, pin: undefined };
}
