import type { Extent } from "./extent.js";

/** Half-open. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Extents that do not overlap, by position. */
export class ExtentMap {
  /** Ascending. */
  #extents: Extent[] = [];

  at(position: number): Extent | undefined {
    const extent = this.#extents[this.#firstEndingAfter(position)];
    return extent !== undefined && extent.start <= position ? extent : undefined;
  }

  /** Those that hold a byte of the span, ascending. */
  within({ start, end }: Span): Extent[] {
    const found: Extent[] = [];
    for (let i = this.#firstEndingAfter(start); ; i++) {
      const extent = this.#extents[i];
      if (extent === undefined || extent.start >= end) return found;
      found.push(extent);
    }
  }

  /** The parts of the span that no extent holds, ascending. */
  gaps(span: Span): Span[] {
    const gaps: Span[] = [];
    let start = span.start;
    for (const extent of this.within(span)) {
      if (extent.start > start) gaps.push({ start, end: extent.start });
      start = extent.end;
    }
    if (start < span.end) gaps.push({ start, end: span.end });
    return gaps;
  }

  /** From `position` on, where the first byte lies that no extent holds. */
  coveredUntil(position: number): number {
    let end = position;
    for (let extent = this.at(end); extent !== undefined; extent = this.at(end)) end = extent.end;
    return end;
  }

  add(extent: Extent): void {
    this.#extents.splice(this.#firstEndingAfter(extent.start), 0, extent);
  }

  delete(extent: Extent): void {
    const i = this.#firstEndingAfter(extent.start);
    if (this.#extents[i] === extent) this.#extents.splice(i, 1);
  }

  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#extents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const extent = this.#extents[middle];
      if (extent === undefined || extent.end > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
