import { FrameBatch, Pixels, type Rows } from "../frame.js";
import type { Lease, OutputMemory } from "../pool/output-memory.js";
import type { ClipPiece } from "../protocol/job.js";
import type { OutputSpec } from "../protocol/output.js";
import { LoadedBatch } from "./loaded-batch.js";

/** Where a pass over the data set stands: the next item of the rank's order, and the next of its clips. */
export interface Position {
  readonly item: number;
  readonly clip: number;
}

/** What became of the clips of an item: their frames by row, clip after clip; without them the item was skipped. */
export interface Outcome {
  readonly key: unknown;
  readonly rows: Rows | undefined;
}

/** A clip's place in a batch. */
interface Slot {
  /** Where the pass stands after this clip. */
  readonly after: Position;
  /** undefined until it is there. */
  outcome: { readonly key: unknown; readonly rows: Rows | undefined; readonly firstRow: number } | undefined;
}

/** A batch that is being filled. Several lie in one piece of memory when an item fills several: all of it is one task. */
interface Filling {
  /** One share of it. */
  readonly lease: Lease;
  /** In clips, from the start of the memory. */
  readonly offset: number;
  readonly slots: Slot[];
  failure: { readonly error: unknown } | undefined;
}

/** Rows that belong to an item. */
export interface Reservation {
  readonly pieces: readonly ClipPiece[];
  /** Once, when the rows hold what they should. */
  settle(outcome: Outcome): void;
  /** Whoever takes the first batch of these gets the error. */
  fail(error: unknown): void;
}

export interface TakenBatch {
  /** undefined when all its clips were skipped. */
  readonly batch: LoadedBatch<unknown> | undefined;
  /** undefined when nothing was reserved in it. */
  readonly position: Position | undefined;
}

export interface BatchShape {
  readonly batchSize: number;
  readonly numFramesPerClip: number;
  /** undefined: differs from item to item. */
  readonly clipsPerItem: number | undefined;
  readonly prefetchBytes: number;
}

/**
 * Batches in the order of the items, whatever the order in which workers fill them. Every clip has its rows from the start,
 * so that workers decode into the batch itself.
 */
export class BatchRows {
  readonly spec: OutputSpec;
  readonly #shape: BatchShape;
  readonly #memory: OutputMemory;
  readonly #clipBytes: number;
  readonly #batchesPerLease: number;
  /** Not taken yet, oldest first. */
  readonly #batches: Filling[] = [];
  #complete = false;

  constructor(memory: OutputMemory, spec: OutputSpec, shape: BatchShape) {
    const { batchSize, clipsPerItem = 1, numFramesPerClip } = shape;
    this.spec = spec;
    this.#memory = memory;
    this.#shape = shape;
    this.#clipBytes = numFramesPerClip * spec.frameBytes;
    this.#batchesPerLease = clipsPerItem % batchSize === 0 ? clipsPerItem / batchSize : 1;
  }

  /** Bytes of the batches that were begun and not taken. */
  get bytes(): number {
    return this.#batches.length * this.#batchBytes;
  }

  /** Everything that was begun has been taken. */
  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /** Whether so many more clips keep within the bound. What the oldest batch needs to become whole is never refused. */
  hasRoom(clips: number): boolean {
    const { batchSize, prefetchBytes } = this.#shape;
    const [oldest] = this.#batches;
    if (oldest === undefined || oldest.slots.length < batchSize) return true;
    const free = this.#batches.reduce((sum, { slots }) => sum + batchSize - slots.length, 0);
    const leases = Math.ceil(Math.max(0, clips - free) / (batchSize * this.#batchesPerLease));
    return this.bytes + leases * this.#batchesPerLease * this.#batchBytes <= prefetchBytes;
  }

  /** Rows for the last `clips` clips of an item that has `ofClips`. */
  reserve(item: number, clips: number, ofClips: number): Reservation {
    const { numFramesPerClip } = this.#shape;
    const pieces: ClipPiece[] = [];
    const slots: Slot[] = [];
    const failing = this.#fillable();
    for (let i = 0; i < clips; i++) {
      const filling = this.#fillable();
      const clip = ofClips - clips + i + 1;
      const slot: Slot = {
        after: clip === ofClips ? { item: item + 1, clip: 0 } : { item, clip },
        outcome: undefined,
      };
      const { buffer } = filling.lease;
      const firstRow = (filling.offset + filling.slots.length) * numFramesPerClip;
      const piece = pieces.at(-1);
      if (piece?.output === buffer) pieces[pieces.length - 1] = { ...piece, clips: piece.clips + 1 };
      else pieces.push({ output: buffer, firstRow, clips: 1 });
      filling.slots.push(slot);
      slots.push(slot);
    }
    return {
      pieces,
      settle: ({ key, rows }) => {
        slots.forEach((slot, i) => (slot.outcome = { key, rows, firstRow: i * numFramesPerClip }));
      },
      fail: (error) => (failing.failure ??= { error }),
    };
  }

  /** No more items will come: the last batch is as long as it is. */
  complete(): void {
    this.#complete = true;
  }

  /** The oldest batch, once all of it is there. Throws the failure of one of its items. */
  take(): TakenBatch | undefined {
    const [oldest] = this.#batches;
    if (oldest === undefined) return undefined;
    if (oldest.failure !== undefined) throw oldest.failure.error;
    const whole = this.#complete || oldest.slots.length === this.#shape.batchSize;
    if (!whole || oldest.slots.some(({ outcome }) => outcome === undefined)) return undefined;
    this.#batches.shift();
    return { batch: this.#finish(oldest), position: oldest.slots.at(-1)?.after };
  }

  /** Gives all memory back: only when no worker writes into it any more. */
  drop(): void {
    for (const { lease } of this.#batches.splice(0)) lease.release();
  }

  get #batchBytes(): number {
    return this.#shape.batchSize * this.#clipBytes;
  }

  /** The batch that the next clip goes to. */
  #fillable(): Filling {
    const open = this.#batches.find(({ slots }) => slots.length < this.#shape.batchSize);
    if (open !== undefined) return open;
    const lease = this.#memory.lease(this.#batchesPerLease * this.#batchBytes);
    lease.share(this.#batchesPerLease);
    const fresh = Array.from({ length: this.#batchesPerLease }, (_, i) => ({
      lease,
      offset: i * this.#shape.batchSize,
      slots: [],
      failure: undefined,
    }));
    this.#batches.push(...fresh);
    return this.#fillable();
  }

  /** Clips of skipped items leave no hole: those behind them move up. */
  #finish({ lease, offset, slots }: Filling): LoadedBatch<unknown> | undefined {
    const { numFramesPerClip } = this.#shape;
    const bytes = new Uint8Array(lease.buffer, offset * this.#clipBytes, slots.length * this.#clipBytes);
    const keys: unknown[] = [];
    const rows: Rows[] = [];
    slots.forEach(({ outcome }, i) => {
      if (outcome?.rows === undefined) return;
      if (rows.length < i) {
        bytes.copyWithin(rows.length * this.#clipBytes, i * this.#clipBytes, (i + 1) * this.#clipBytes);
      }
      keys.push(outcome.key);
      rows.push(sliceRows(outcome.rows, outcome.firstRow, outcome.firstRow + numFramesPerClip));
    });
    if (rows.length === 0) {
      lease.release();
      return undefined;
    }
    const pixels = new Pixels(lease, this.spec.dtype, offset * this.#clipBytes, rows.length * this.#clipBytes);
    return new LoadedBatch(new FrameBatch(pixels, this.spec, joinRows(rows)), numFramesPerClip, keys);
  }
}

function sliceRows({ indices, ptsSeconds, durationSeconds, status }: Rows, start: number, stop: number): Rows {
  return {
    indices: indices.subarray(start, stop),
    ptsSeconds: ptsSeconds.subarray(start, stop),
    durationSeconds: durationSeconds.subarray(start, stop),
    status: status.subarray(start, stop),
  };
}

function joinRows(parts: readonly Rows[]): Rows {
  return {
    indices: Int32Array.from(parts.flatMap(({ indices }) => [...indices])),
    ptsSeconds: Float64Array.from(parts.flatMap(({ ptsSeconds }) => [...ptsSeconds])),
    durationSeconds: Float64Array.from(parts.flatMap(({ durationSeconds }) => [...durationSeconds])),
    status: Uint8Array.from(parts.flatMap(({ status }) => [...status])),
  };
}
