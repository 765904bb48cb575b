import type { Lease } from "../pool/output-memory.js";
import type { Underway } from "../threads/task.js";
import type { ClipSource, ClipsWork } from "../pool/clip-host.js";

/** What workers make of one item. */
export interface DecodedClips {
  /** Memory that the worker made: the clips, one after the other. */
  readonly output: SharedArrayBuffer | undefined;
}

/** A clip that is part of a batch. */
export interface BatchClip<Clips> {
  /** Of its item. */
  readonly key: unknown;
  readonly clips: Clips;
  /** Which one of them. */
  readonly clip: number;
}

/** Clips of one size, and the batch that they make. */
export interface ClipLayout<Clips, Batch> {
  readonly clipBytes: number;
  /** `offset`: bytes in the memory before the first of the clips, which follow each other. Takes the lease over. */
  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<Clips>[]): Batch;
}

export interface ClipRequest {
  readonly source: ClipSource;
  readonly work: ClipsWork;
  /** In `items`. */
  readonly position: number;
  readonly signal: AbortSignal;
}

/** What a pass over a data set must know of its clips, of pictures or of sound. */
export interface ClipKind<Clips extends DecodedClips, Batch> {
  /** Readers of a source that are opened with equal keys are the same. */
  readonly openKey: string;
  /** undefined: differs from item to item. */
  readonly clipsPerItem: number | undefined;
  /** undefined until an item has told. */
  readonly layout: ClipLayout<Clips, Batch> | undefined;
  /** Of an item's clips; the layout of all that follow, if there was none. */
  layoutOf(clips: Clips): ClipLayout<Clips, Batch>;
  countOf(clips: Clips): number;
  /** Decodes an item's clips in one task of a worker. */
  decode(request: ClipRequest): Underway<Clips>;
}
