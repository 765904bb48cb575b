/** What a source was asked and what it cost, so far. */
export interface SourceStats {
  /** Reads that decoders made, whether or not their bytes were here already. */
  readonly reads: number;
  /** Those of them that did not go on where the one before had ended. */
  readonly seeks: number;
  /** Those that needed no request of their own. */
  readonly hits: number;
  /** Requests sent: repeated and redirected ones too. */
  readonly requests: number;
  /** Bytes of content that arrived. */
  readonly bytes: number;
}

export class SourceCounters implements SourceStats {
  reads = 0;
  seeks = 0;
  hits = 0;
  requests = 0;
  bytes = 0;
  #next = 0;

  /** A read begins; `hit` when it needs no request. */
  read(position: number, length: number, hit: boolean): void {
    this.reads++;
    if (position !== this.#next) this.seeks++;
    if (hit) this.hits++;
    this.#next = position + length;
  }

  now(): SourceStats {
    const { reads, seeks, hits, requests, bytes } = this;
    return { reads, seeks, hits, requests, bytes };
  }
}
