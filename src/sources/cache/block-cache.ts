import { FramepoolError } from "../../errors.js";
import type { ByteRange, SharedPiece, SourceFacts } from "../../protocol/bytes.js";
import type { RemoteSource } from "../byte-source.js";
import { ExtentMap, type Span } from "./extent-map.js";
import { Extent } from "./extent.js";
import { ReadPattern } from "./read-pattern.js";
import { RequestQueue } from "../../async/request-queue.js";
import { LinkedAbort } from "../../async/abort.js";
import { SharedTask } from "../../async/shared-task.js";
import type { SourceCounters } from "../source-stats.js";

/** What a cache reads from. */
export interface BlockReader {
  readonly label: string;
  readonly counters: SourceCounters;
  /** The cache asks for what is `coming` before anything else. */
  open(signal: AbortSignal): Promise<SourceFacts>;
  /** Fills all of `target`, or rejects. `progress` may be told how many bytes are there, as they come. */
  fill(
    target: Uint8Array<SharedArrayBuffer>,
    position: number,
    signal: AbortSignal,
    progress: (filled: number) => void,
  ): Promise<void>;
  close(): void;
}

interface CacheSettings {
  /** What reads far apart fetch a quarter of, and reads in a row up to eight of. */
  readonly blockSize: number;
  /** Kept at most, as far as nobody else holds it. */
  readonly cacheBytes: number;
}

/** More at once would share the line, and keep what is needed first waiting. */
const mostRequests = 6;

/**
 * Bytes that were fetched, in shared memory; those that are on their way are waited for, never asked for twice.
 *
 * - A read that nobody announced fetches a quarter of a block after a jump, and as much ahead as was read in a row before it.
 *   In the last blocks it fetches to the end: an index that lies there is read as a whole.
 * - Announced ranges (`share`) are fetched as they are, together where little lies between them, and cut into requests of at
 *   most eight blocks, so that no single connection's speed is the limit.
 */
export class BlockCache implements RemoteSource {
  readonly #reader: BlockReader;
  readonly #settings: CacheSettings;
  readonly #queue = new RequestQueue(mostRequests);
  readonly #pattern: ReadPattern;
  readonly #extents = new ExtentMap();
  /** The one used last is last. */
  readonly #byAge = new Set<Extent>();
  #bytes = 0;
  #size = 0;
  #opening: SharedTask<SourceFacts> | undefined;
  #closed = false;

  constructor(reader: BlockReader, settings: CacheSettings) {
    this.#reader = reader;
    this.#settings = settings;
    this.#pattern = new ReadPattern(settings.blockSize / 4);
  }

  /** Of an address that a function gives, known once it was asked. */
  get label(): string {
    return this.#reader.label;
  }

  async open(signal: AbortSignal): Promise<SourceFacts> {
    this.#checkOpen();
    signal.throwIfAborted();
    this.#opening ??= new SharedTask(
      (all) => this.#open(all),
      () => (this.#opening = undefined),
    );
    return this.#opening.wait(signal);
  }

  async #open(signal: AbortSignal): Promise<SourceFacts> {
    const facts = await this.#reader.open(signal);
    this.#size = facts.size;
    if (facts.coming > 0) this.#fetch({ start: 0, end: facts.coming }, true);
    return facts;
  }

  readInto(target: Uint8Array, position: number, signal: AbortSignal): number | Promise<number> {
    this.#checkOpen();
    const span = { start: position, end: Math.min(position + target.length, this.#size) };
    if (span.end <= span.start) return 0;
    const before = this.#pattern.note(position, span.end - span.start);
    const fetched = this.#fetchAround(span, before);
    this.#reader.counters.read(position, span.end - span.start, !fetched);
    const extent = this.#extents.at(position);
    if (extent !== undefined && extent.start + extent.filled >= span.end) return this.#copy(extent, target, span);
    return this.#read(target, span, signal);
  }

  async share(ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]> {
    this.#checkOpen();
    signal.throwIfAborted();
    const spans = ranges
      .map(({ position, length }) => ({ start: position, end: Math.min(position + length, this.#size) }))
      .filter(({ start, end }) => start < end);
    const gaps = spans.map((span) => this.#extents.gaps(span));
    for (const [i, { start, end }] of spans.entries()) {
      this.#reader.counters.read(start, end - start, gaps[i]?.length === 0);
    }
    for (const gap of this.#joined(gaps.flat())) this.#fetchPieces(gap);
    const parts = spans.flatMap((span) =>
      this.#extents.within(span).map((extent) => ({ extent, ...overlap(extent, span) })),
    );

    // What fails for one ends the wait for all of them.
    const stop = new LinkedAbort(signal);
    try {
      await Promise.all(parts.map(({ extent, to }) => extent.until(to, stop.signal)));
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      stop.unlink();
    }
    for (const { extent } of parts) this.#touch(extent);
    return parts.map(({ extent, from, to }) => ({
      position: extent.start + from,
      bytes: extent.bytes.subarray(from, to),
    }));
  }

  close(): void {
    this.#closed = true;
    const reason = this.#closedError();
    this.#opening?.giveUp(reason);
    for (const extent of [...this.#byAge]) {
      extent.giveUp(reason);
      this.#drop(extent);
    }
    this.#reader.close();
  }

  /** Fetches what is missing of a read, and ahead of it. Returns whether anything of the read itself was missing. */
  #fetchAround({ start, end }: Span, before: number): boolean {
    const { blockSize } = this.#settings;
    const ahead = Math.min(before, 8 * blockSize);
    const missing = this.#extents.gaps({ start, end });
    if (missing.length > 0) {
      const least = Math.max(end, start + Math.ceil(blockSize / 4), end + ahead);
      const toEnd = this.#size - start <= 4 * blockSize;
      const until = toEnd ? this.#size : Math.min(least, this.#size);
      for (const gap of this.#extents.gaps({ start, end: until })) this.#fetchPieces(gap, true);
      return true;
    }
    const covered = this.#extents.coveredUntil(end);
    if (ahead > 0 && covered < this.#size && covered - end < ahead / 2) {
      // Never more than the next gap: what lies behind it is here already.
      const [gap] = this.#extents.gaps({ start: covered, end: Math.min(covered + ahead, this.#size) });
      if (gap !== undefined) this.#fetchPieces(gap, false);
    }
    return false;
  }

  async #read(target: Uint8Array, span: Span, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    // Held from here on: what is thrown out meanwhile stays readable.
    const parts = this.#extents.within(span).map((extent) => ({ extent, ...overlap(extent, span) }));
    await Promise.all(parts.map(({ extent, to }) => extent.until(to, signal)));
    for (const { extent, from, to } of parts) {
      const start = extent.start + from;
      this.#copy(extent, target.subarray(start - span.start), { start, end: extent.start + to });
    }
    return span.end - span.start;
  }

  #copy(extent: Extent, target: Uint8Array, { start, end }: Span): number {
    this.#touch(extent);
    target.set(extent.bytes.subarray(start - extent.start, end - extent.start));
    return end - start;
  }

  /** Gaps (ascending) with those made one that lie close to each other, unless there are bytes between them already. */
  #joined(gaps: readonly Span[]): Span[] {
    const joined: Span[] = [];
    for (const gap of gaps) {
      const last = joined.at(-1);
      const isNear = last !== undefined && gap.start - last.end <= this.#settings.blockSize / 8;
      if (last !== undefined && isNear && this.#extents.within({ start: last.end, end: gap.start }).length === 0) {
        joined[joined.length - 1] = { start: last.start, end: gap.end };
      } else joined.push(gap);
    }
    return joined;
  }

  #fetchPieces({ start, end }: Span, urgent = false): void {
    const count = Math.ceil((end - start) / (8 * this.#settings.blockSize));
    const length = Math.ceil((end - start) / count);
    for (let at = start; at < end; at += length) this.#fetch({ start: at, end: Math.min(at + length, end) }, urgent);
  }

  #fetch({ start, end }: Span, urgent: boolean): void {
    const extent = new Extent(
      start,
      end - start,
      async (bytes, signal, progress) => {
        await this.#queue.run(urgent, signal, () => this.#reader.fill(bytes, start, signal, progress));
        progress(bytes.length);
        this.#evict();
      },
      () => this.#drop(extent),
    );
    this.#extents.add(extent);
    this.#byAge.add(extent);
    this.#bytes += extent.bytes.length;
  }

  #touch(extent: Extent): void {
    if (this.#byAge.delete(extent)) this.#byAge.add(extent);
  }

  #evict(): void {
    for (const extent of this.#byAge) {
      if (this.#bytes <= this.#settings.cacheBytes) return;
      if (extent.isComplete) this.#drop(extent);
    }
  }

  #drop(extent: Extent): void {
    if (!this.#byAge.delete(extent)) return;
    this.#extents.delete(extent);
    this.#bytes -= extent.bytes.length;
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): FramepoolError {
    return new FramepoolError("E_CLOSED", "the source was closed", { source: this.label });
  }
}

/** The part of an extent that lies in the span, counted from the extent's start. */
function overlap(extent: Extent, { start, end }: Span): { readonly from: number; readonly to: number } {
  return { from: Math.max(start, extent.start) - extent.start, to: Math.min(end, extent.end) - extent.start };
}
