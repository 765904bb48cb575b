import type { AudioJobs } from "./audio.js";
import type { ChannelRef } from "./channel.js";
import type { ImageJobs } from "./image-jobs.js";
import type { MediaJobs } from "./media.js";
import type { WorkerVersions } from "./versions.js";
import type { VideoJobs } from "./video.js";
import type { WireError } from "./wire-error.js";

/** Closes readers. */
interface DropJob {
  readonly kind: "drop";
  readonly readerKeys: readonly string[];
}

/** Loads the addon, where that was not done yet, and tells what it is. */
interface VersionsJob {
  readonly kind: "versions";
}

/** Each kind of job, and what comes of it. */
interface Jobs extends MediaJobs, VideoJobs, ImageJobs, AudioJobs {
  readonly drop: [DropJob, undefined];
  readonly versions: [VersionsJob, WorkerVersions];
}

export type Job = Jobs[keyof Jobs][0];

/** The result type of each kind of job. */
export type JobResults = { readonly [Kind in keyof Jobs]: Jobs[Kind][1] };

/** What every worker is given at its start: memory that it shares with the pool, by slot, and its own bounds. */
export interface WorkerSetup {
  /** Tickets of jobs that are cancelled, each at its `placeOf`. */
  readonly cancelled: Int32Array;
  /** Tickets of jobs that wait behind another one and may be taken back, each at its `placeOf`. */
  readonly waiting: Int32Array;
  /** 1 while its worker has been waiting for bytes for long. */
  readonly stalled: Int32Array;
  readonly cache: { readonly readers: number; readonly bytes: number };
}

/** Where a job's ticket is. The slot's job after it has another place: it may be given before this one has begun, or ended. */
export const placeOf = (slot: number, ticket: number): number => 2 * slot + (ticket & 1);

/** What travels to the worker. */
export interface Envelope {
  readonly job: Job;
  readonly channel: ChannelRef | undefined;
  readonly slot: number;
  /** Tells the slot's jobs apart; the next job's is one more. */
  readonly ticket: number;
  /** It was given while another job ran: it begins only if its ticket still waits. */
  readonly waits: boolean;
  readonly keepLog: boolean;
}

export type Reply<K extends Job["kind"]> =
  | { readonly ok: true; readonly value: JobResults[K]; readonly log: readonly string[] }
  | { readonly ok: false; readonly error: WireError; readonly log: readonly string[] };
