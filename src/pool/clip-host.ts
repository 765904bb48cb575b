import type { KnownLimits } from "./options.js";
import type { OutputMemory } from "./output-memory.js";
import type { Underway } from "../threads/task.js";
import type { AudioClipsJob, AudioClipsResult } from "../protocol/audio.js";
import type { ClipsJob, ClipsResult } from "../protocol/video.js";
import type { ItemClips } from "../protocol/item-clips.js";
import type { KnownSource } from "../sources/media-source.js";

/** What a pass over a data set needs of the pool that does the work, which may belong to another thread. */
export interface ClipHost {
  /** Worker threads at most. */
  readonly workers: number;
  readonly limits: KnownLimits;
  /** Of batches: this thread's own. */
  readonly memory: OutputMemory;
  /** Aborts with E_CLOSED when the pool is closed, or out of reach. */
  readonly closing: AbortSignal;
  open(source: KnownSource, options: ClipSourceOptions, signal: AbortSignal): Promise<ClipSource>;
}

export interface ClipSourceOptions {
  readonly readTimeoutMs: number;
  /**
   * Its readers stay open in the workers until it is released, and its version must stay the same; those of a source that are
   * opened with equal keys are the same. undefined: opened for each task alone.
   */
  readonly keptAs: string | undefined;
}

/** A source of clips, ready for jobs in any worker. */
export interface ClipSource {
  /** Its bytes come through the thread that it was opened from, which caches them. */
  readonly isRemote: boolean;
  /** Opens, samples and decodes it in one task of a worker. */
  decodeFrames(work: FrameClipsWork, signal: AbortSignal): Underway<ClipsResult>;
  decodeSound(work: SoundClipsWork, signal: AbortSignal): Underway<AudioClipsResult>;
  /** To be called once, when no task reads it any more. */
  release(): Promise<void>;
}

/** Of a job: what is said of its source by who has that open. */
type OfSource = "readerKey" | "source" | "fetched" | "known" | "saved" | "keep";

export type FrameClipsWork = Omit<ClipsJob, OfSource>;
export type SoundClipsWork = Omit<AudioClipsJob, OfSource>;
/** What both have in common. */
export type ClipsWork = Omit<ItemClips, OfSource>;
