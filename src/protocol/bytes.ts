/** Half-open: from `position` up to but not including `position + length`. */
export interface ByteRange {
  readonly position: number;
  readonly length: number;
}

/** Bytes that lie in shared memory already. */
export interface SharedPiece {
  /** Of the first byte, in the source. */
  readonly position: number;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

export interface SourceFacts {
  readonly size: number;
  /** Undefined when nothing says which version of what it is. */
  readonly key: string | undefined;
  /** As many bytes from the first on come without being asked for: they came with the size. */
  readonly coming: number;
}
