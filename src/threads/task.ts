import type { FramepoolError } from "../errors.js";
import type { JobChannel } from "../protocol/channel.js";
import type { Job, Reply } from "../protocol/job.js";
import type { Waiting } from "./job-queue.js";
import type { ReaderKind } from "./slot.js";

export interface RunOptions {
  /** How a person would name the source, for errors and the log. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
  /** Only this slot, for jobs that go on where its last one ended. */
  readonly pin?: number | undefined;
  /** Called with true when the job has to wait for a worker, and with false when it does not any more. */
  readonly onWait?: ((waits: boolean) => void) | undefined;
  /** Leads to the source's bytes, where the worker cannot read them by itself. */
  readonly channel?: JobChannel | undefined;
}

/** Work that was handed over. */
export interface Underway<T> {
  /** Rejects at once when the signal aborts, with its reason. */
  readonly result: Promise<T>;
  /** Resolves once no worker touches the job any more: only then may its memory be used again. Never rejects. */
  readonly settled: Promise<void>;
}

/** The same of a job of this thread's pool. */
export interface Running<T> extends Underway<T> {
  /** The slot that ran it, once it ran. */
  readonly slot: () => number | undefined;
}

/** A job on its way through the pool. */
export interface Task extends Waiting {
  readonly job: Job;
  readonly label: string;
  readonly channel: JobChannel | undefined;
  readonly onWait: (waits: boolean) => void;
  /** Hands over the outcome; afterwards the task is settled. */
  readonly done: (outcome: Reply<Job["kind"]> | FramepoolError, slot: number | undefined) => void;
}

/** Jobs that are over soon, so that another one may wait in their thread. */
const brief: ReadonlySet<Job["kind"]> = new Set(["extract", "extractImages", "clips", "audioClips", "drop"]);

/** Not one whose bytes its thread waits for: that would keep the job behind it waiting. */
export function isBrief({ job, channel }: Task): boolean {
  return channel === undefined && brief.has(job.kind);
}

const ofSound: ReadonlySet<Job["kind"]> = new Set(["openAudio", "decodeAudio", "audioClips"]);

/** Of the reader that a job needs. */
export function readerKind({ kind }: Job): ReaderKind {
  return ofSound.has(kind) ? "sound" : "pictures";
}
