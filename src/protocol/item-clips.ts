import type { JobBase } from "./job-base.js";

/** Which clips of one item of a data set, of pictures or of sound, and where they go. */
export interface ItemClips extends JobBase {
  /** Of this item's own draws. */
  readonly seeds: readonly number[];
  /** How many of its clips, from the first, are not wanted. */
  readonly skip: number;
  /** Where the wanted clips go, in order. undefined: the worker makes the memory, since size or number are not known yet. */
  readonly pieces: readonly ClipPiece[] | undefined;
  readonly maxOutputBytes: number;
}

/** Places that clips of an item fill, one after the other. */
export interface ClipPiece {
  readonly output: SharedArrayBuffer;
  /** In clips. */
  readonly first: number;
  readonly clips: number;
}

/** What a worker found out of a source that is kept open. */
export interface Learnt {
  /** Of a file: which version of which it is. */
  readonly identity: string | null;
  /** Of pictures. */
  readonly index: SharedArrayBuffer | undefined;
}
