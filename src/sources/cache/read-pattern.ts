/** A reader goes its own way through the source: workers and streams do so at once. */
interface Run {
  readonly start: number;
  next: number;
}

/** More readers than this in turn are told apart no longer: their reads count as jumps. */
const mostRuns = 16;

/** Tells reads that go on from reads that jump. */
export class ReadPattern {
  readonly #slack: number;
  /** The one read last is last. */
  readonly #runs: Run[] = [];

  /** `slack`: bytes that may be left out without it being a jump, as a reader of one of several interleaved streams does. */
  constructor(slack: number) {
    this.#slack = slack;
  }

  /** Notes a read; returns how many bytes have been read in a row before it: 0 after a jump. */
  note(position: number, length: number): number {
    const i = this.#runs.findLastIndex(({ next }) => position >= next && position - next <= this.#slack);
    const run = i === -1 ? { start: position, next: position } : this.#runs.splice(i, 1)[0];
    if (run === undefined) return 0;
    const before = position - run.start;
    run.next = position + length;
    this.#runs.push(run);
    if (this.#runs.length > mostRuns) this.#runs.shift();
    return before;
  }
}
