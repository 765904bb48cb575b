import { FramepoolError } from "../errors.js";
import type { Lease, OutputMemory } from "../pool/output-memory.js";
import type { ClipPiece } from "../protocol/item-clips.js";
import type { BatchClip, ClipLayout } from "./clip-kind.js";

/** Where a pass over the data set stands: the next item of the rank's order, and the next of its clips. */
export interface Position {
  readonly item: number;
  readonly clip: number;
}

/** What became of the wanted clips of an item. */
interface Outcome<Clips> {
  readonly key: unknown;
  readonly clips: Clips;
}

/** A clip's place in a batch. */
interface Slot<Clips> {
  /** Where the pass stands after this clip. */
  readonly after: Position;
  /** undefined until it is there. */
  outcome: BatchClip<Clips> | "skipped" | undefined;
}

/** A batch that is being filled. Several lie in one piece of memory when an item fills several: all of it is one task. */
interface Filling<Clips> {
  /** One share of it. */
  readonly lease: Lease;
  /** In clips, from the start of the memory. */
  readonly offset: number;
  readonly slots: Slot<Clips>[];
  failure: { readonly error: unknown } | undefined;
}

/** Places that belong to an item. */
interface Reservation<Clips> {
  readonly pieces: readonly ClipPiece[];
  /** Once, when the places hold what they should; undefined: the item is skipped. */
  settle(outcome: Outcome<Clips> | undefined): void;
  /** Whoever takes the first batch of these gets the error. */
  fail(error: unknown): void;
}

interface TakenBatch<Batch> {
  /** undefined when all its clips were skipped. */
  readonly batch: Batch | undefined;
  /** undefined when nothing was reserved in it. */
  readonly position: Position | undefined;
}

export interface BatchShape {
  readonly batchSize: number;
  /** undefined: differs from item to item. */
  readonly clipsPerItem: number | undefined;
  readonly prefetchBytes: number;
  /** Of one batch. */
  readonly maxOutputBytes: number;
}

/**
 * Batches in the order of the items, whatever the order in which workers fill them. Every clip has its place from the
 * start, so that workers decode into the batch itself.
 */
export class BatchRows<Clips, Batch> {
  readonly #layout: ClipLayout<Clips, Batch>;
  readonly #shape: BatchShape;
  readonly #memory: OutputMemory;
  readonly #batchesPerLease: number;
  /** Not taken yet, oldest first. */
  readonly #batches: Filling<Clips>[] = [];
  #complete = false;

  /** Throws E_LIMIT. */
  constructor(memory: OutputMemory, layout: ClipLayout<Clips, Batch>, shape: BatchShape) {
    const { batchSize, clipsPerItem = 1 } = shape;
    this.#layout = layout;
    this.#memory = memory;
    this.#shape = shape;
    this.#batchesPerLease = clipsPerItem % batchSize === 0 ? clipsPerItem / batchSize : 1;
    const bytes = this.#batchesPerLease * this.#batchBytes;
    if (bytes > shape.maxOutputBytes) throw batchTooLarge(layout.clipBytes, bytes, shape.maxOutputBytes);
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

  /** Places for the last `clips` clips of an item that has `ofClips`. */
  reserve(item: number, clips: number, ofClips: number): Reservation<Clips> {
    const pieces: ClipPiece[] = [];
    const slots: Slot<Clips>[] = [];
    const failing = this.#fillable();
    for (let i = 0; i < clips; i++) {
      const filling = this.#fillable();
      const clip = ofClips - clips + i + 1;
      const slot: Slot<Clips> = {
        after: clip === ofClips ? { item: item + 1, clip: 0 } : { item, clip },
        outcome: undefined,
      };
      const { buffer } = filling.lease;
      const piece = pieces.at(-1);
      if (piece?.output === buffer) pieces[pieces.length - 1] = { ...piece, clips: piece.clips + 1 };
      else pieces.push({ output: buffer, first: filling.offset + filling.slots.length, clips: 1 });
      filling.slots.push(slot);
      slots.push(slot);
    }
    return {
      pieces,
      settle: (outcome) => {
        slots.forEach((slot, clip) => (slot.outcome = outcome === undefined ? "skipped" : { ...outcome, clip }));
      },
      fail: (error) => (failing.failure ??= { error }),
    };
  }

  /** No more items will come: the last batch is as long as it is. */
  complete(): void {
    this.#complete = true;
  }

  /** The oldest batch, once all of it is there. Throws the failure of one of its items. */
  take(): TakenBatch<Batch> | undefined {
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
    return this.#shape.batchSize * this.#layout.clipBytes;
  }

  /** The batch that the next clip goes to. */
  #fillable(): Filling<Clips> {
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
  #finish({ lease, offset, slots }: Filling<Clips>): Batch | undefined {
    const { clipBytes } = this.#layout;
    const bytes = new Uint8Array(lease.buffer, offset * clipBytes, slots.length * clipBytes);
    const clips: BatchClip<Clips>[] = [];
    slots.forEach(({ outcome }, i) => {
      if (outcome === undefined || outcome === "skipped") return;
      if (clips.length < i) bytes.copyWithin(clips.length * clipBytes, i * clipBytes, (i + 1) * clipBytes);
      clips.push(outcome);
    });
    if (clips.length > 0) return this.#layout.toBatch(lease, offset * clipBytes, clips);
    lease.release();
    return undefined;
  }
}

function batchTooLarge(clipBytes: number, bytes: number, limit: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `batches of clips of ${String(clipBytes)} bytes need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes)`,
  );
}
