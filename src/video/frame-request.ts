import { FramepoolError } from "../errors.js";
import type { Lease } from "../pool/output-memory.js";
import type { DType, OutputSpec } from "../protocol/output.js";
import { type Rows, emptyRows } from "../protocol/rows.js";
import type { PoolResources } from "../pool/resources.js";

/** Decoded pixels and what they are. */
export interface Decoded<D extends DType = DType> {
  readonly lease: Lease;
  readonly spec: OutputSpec<D>;
  readonly rows: Rows;
}

/** Of the video that frames are asked of. */
interface Asked {
  readonly resources: Pick<PoolResources, "memory" | "settings">;
  readonly label: string;
}

/**
 * Frames that somebody waits for. Several jobs may work for one request, and one job for several: each request has its own memory,
 * and its own end. The memory is taken when the first job begins, and given back when no worker writes into it any more.
 */
export class FrameRequest {
  /** In range, in the caller's order. */
  readonly wanted: Int32Array;
  readonly spec: OutputSpec;
  readonly rows: Rows;
  readonly result: Promise<Decoded>;
  #resolve: (decoded: Decoded) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #lease: Lease | undefined;
  #isOpen = true;
  #left: number;
  /** Jobs that may write into its memory. */
  #writers = 0;
  /** Tells the jobs that nobody waits for them any more. */
  #abandon: (() => void)[] = [];

  /** Throws E_LIMIT. */
  constructor(video: Asked, wanted: Int32Array, spec: OutputSpec) {
    checkBytes(video, wanted.length, spec);
    this.wanted = wanted;
    this.spec = spec;
    this.#left = wanted.length;
    this.rows = emptyRows(wanted.length);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** It was neither answered nor given up. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes the memory. False when there is nothing to decode, or nobody waits. */
  begin(video: Asked): boolean {
    if (!this.#isOpen) return false;
    try {
      this.#lease = leaseFor(video, this.wanted.length, this.spec);
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.delivered(0);
    return this.#isOpen;
  }

  /** Where the pixels go. */
  get output(): SharedArrayBuffer {
    if (this.#lease === undefined) throw new FramepoolError("E_INTERNAL", "a request without memory");
    return this.#lease.buffer;
  }

  /** A job works for it, until leave(). */
  enter(abandon: () => void): void {
    this.#writers++;
    this.#abandon.push(abandon);
  }

  leave(): void {
    this.#writers--;
    this.#giveBack();
  }

  /** So many more of its rows are there. */
  delivered(count: number): void {
    this.#left -= count;
    if (this.#left > 0 || !this.#isOpen || this.#lease === undefined) return;
    this.#isOpen = false;
    this.#resolve({ lease: this.#lease, spec: this.spec, rows: this.rows });
    // It is the caller's now.
    this.#lease = undefined;
  }

  fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reject(error);
    for (const abandon of this.#abandon.splice(0)) abandon();
    this.#giveBack();
  }

  #giveBack(): void {
    if (this.#isOpen || this.#writers > 0) return;
    this.#lease?.release();
    this.#lease = undefined;
  }
}

/** Checks the size before any memory is taken: throws E_LIMIT. */
export function leaseFor(video: Asked, frames: number, spec: OutputSpec): Lease {
  checkBytes(video, frames, spec);
  return video.resources.memory.lease(frames * spec.frameBytes);
}

/** Throws E_LIMIT for more bytes of pixels than a batch may have. */
export function checkBytes({ resources, label }: Asked, frames: number, spec: OutputSpec): void {
  const bytes = frames * spec.frameBytes;
  const limit = resources.settings.limits.maxOutputBytes;
  if (bytes <= limit) return;
  throw new FramepoolError(
    "E_LIMIT",
    `${String(frames)} frames need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes): iterate with frames(), or ask for fewer at a time`,
    { source: label },
  );
}
