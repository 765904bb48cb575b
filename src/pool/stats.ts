/** What a pool has and does at a moment. Bytes are those of memory that its own thread knows of. */
export interface PoolStats {
  /** Worker threads that run; they start as they are needed. */
  readonly threads: number;
  /** Workers with a job, those not counted that only wait for a source's bytes: at most `pool.workers`. */
  readonly busy: number;
  /** Jobs that wait for a worker. */
  readonly queued: number;
  /** Files that workers keep open with their decoders, each counted in every worker that does. */
  readonly openReaders: number;
  /** Who holds how many. */
  readonly bytes: {
    /** Pixels and samples that were given out and not released yet; what was forgotten counts until V8 frees it. */
    readonly held: number;
    /** Released memory, kept for what is decoded next. */
    readonly free: number;
    /** Decoded ahead of loops and extractions, or on its way. */
    readonly ahead: number;
    /** Of sources that workers cannot read by themselves: fetched for jobs that have not ended. */
    readonly fetched: number;
    /** Indices of files that were opened. */
    readonly indices: number;
  };
}
