import { isAddonMissing } from "../errors.js";
import { LinkedAbort } from "../async/abort.js";
import { BoundedPull } from "../async/bounded-pull.js";
import { WakeUp } from "../async/wake-up.js";
import type { ClipHost } from "../pool/clip-host.js";
import { BatchRows, type BatchShape, type Position } from "./batch-rows.js";
import type { ClipKind, DecodedClips } from "./clip-kind.js";
import { type DecodedItem, ItemDecoder } from "./item-decoder.js";
import { type Turn, turnsOf } from "./items.js";
import type { LoaderSettings } from "./options.js";
import { LoaderCounts } from "./stats.js";

/** An item whose clips are decoded into memory of their own, to be copied when it is known where they belong. */
interface Apart<Clips> {
  readonly turn: Turn;
  readonly skip: number;
  outcome: DecodedItem<Clips> | { readonly error: unknown } | undefined;
}

/** One pass over a rank's items, from a position on. */
export class Epoch<Clips extends DecodedClips, Batch extends { readonly length: number }> {
  readonly counts = new LoaderCounts();
  readonly #host: ClipHost;
  readonly #settings: LoaderSettings;
  readonly #kind: ClipKind<Clips, Batch>;
  readonly #shape: BatchShape;
  readonly #start: Position;
  readonly #turns: BoundedPull<Turn>;
  readonly #linked: LinkedAbort;
  readonly #decoder: ItemDecoder<Clips>;
  #position: Position;
  /** Once the size of a clip is known: from the options, or from the first item. */
  #rows: BatchRows<Clips, Batch> | undefined;
  /** In the order of the items. */
  readonly #apart: Apart<Clips>[] = [];
  /** What the last item took that was decoded apart. */
  #usualBytes = 0;
  #running = 0;
  #failure: { readonly error: unknown } | undefined;
  #stopped = false;
  readonly #wakeUp = new WakeUp();

  constructor(host: ClipHost, settings: LoaderSettings, kind: ClipKind<Clips, Batch>, start: Position) {
    const { batchSize, prefetchBytes } = settings;
    this.#host = host;
    this.#settings = settings;
    this.#kind = kind;
    const { maxOutputBytes } = host.limits;
    this.#shape = { batchSize, prefetchBytes, clipsPerItem: kind.clipsPerItem, maxOutputBytes };
    this.#start = start;
    this.#position = start;
    this.#turns = new BoundedPull(
      turnsOf(settings.items, settings.order, start.item),
      () => this.#hasRoom(),
      (turn) => {
        this.#begin(turn);
      },
      () => {
        this.#placeApart();
        this.#wakeUp.wake();
      },
    );
    this.#linked = new LinkedAbort(settings.signal, host.closing);
    this.#linked.signal.addEventListener("abort", () => {
      this.#wakeUp.wake();
    });
    const { layout } = kind;
    this.#rows = layout === undefined ? undefined : new BatchRows(host.memory, layout, this.#shape);
    this.#decoder = new ItemDecoder(host, settings, kind, this.counts, this.#linked.signal);
  }

  /** Behind the last batch that was taken. */
  get position(): Position {
    return this.#position;
  }

  /** Bytes of batches begun and not taken. */
  get prefetchedBytes(): number {
    const apart = this.#apart.map(({ outcome }) => outputOf(outcome)?.byteLength ?? this.#usualBytes);
    return apart.reduce((sum, bytes) => sum + bytes, this.#rows?.bytes ?? 0);
  }

  /** The next batch, undefined after the last. Throws an item's error when its batch's turn comes. */
  async next(): Promise<Batch | undefined> {
    const begin = performance.now();
    try {
      for (;;) {
        this.#linked.signal.throwIfAborted();
        this.#advance();
        const taken = this.#rows?.take();
        this.#position = taken?.position ?? this.#position;
        if (taken?.batch !== undefined) {
          this.counts.took(taken.batch);
          // Its place can be filled while the caller works.
          this.#advance();
          return taken.batch;
        }
        if (taken !== undefined) continue;
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#turns.isOver && this.#running === 0 && this.#rows?.empty !== false) break;
        await this.#wakeUp.wait();
      }
      const { failure } = this.#turns;
      if (failure !== undefined) throw failure.error;
      return undefined;
    } finally {
      this.counts.waited(performance.now() - begin);
    }
  }

  /** Cancels what is under way; the memory goes back when no worker writes into it any more. */
  stop(): void {
    this.#stopped = true;
    this.#linked.abort(new DOMException("the iteration ended", "AbortError"));
    // A source of items that fails while it is left has nobody to tell.
    this.#turns.stop().catch(() => undefined);
    void this.#decoder.close().then(() => this.#rows?.drop());
  }

  /** Does what can be done now: places what was decoded apart, begins more items. */
  #advance(): void {
    if (this.#stopped) return;
    this.#placeApart();
    this.#turns.pull();
    this.#wakeUp.wake();
  }

  #hasRoom(): boolean {
    const { clipsPerItem, prefetchBytes } = this.#shape;
    if (this.#failure !== undefined) return false;
    if (this.#running >= 2 * this.#host.workers + 2) return false;
    // The first item tells what frames are like.
    if (this.#rows === undefined) return this.#apart.length === 0;
    if (!this.#rows.hasRoom(clipsPerItem ?? 1)) return false;
    if (clipsPerItem !== undefined || this.#apart.length === 0) return true;
    return this.prefetchedBytes + this.#usualBytes <= prefetchBytes;
  }

  #begin(turn: Turn): void {
    const { clipsPerItem } = this.#shape;
    const skip = turn.order === this.#start.item ? this.#start.clip : 0;
    this.#running++;
    const task =
      this.#rows !== undefined && clipsPerItem !== undefined
        ? this.#decodeInto(this.#rows, turn, skip, clipsPerItem)
        : this.#decodeApart(turn, skip);
    void task.then(() => {
      this.#running--;
      this.#advance();
    });
  }

  async #decodeInto(rows: BatchRows<Clips, Batch>, turn: Turn, skip: number, ofClips: number): Promise<void> {
    const reservation = rows.reserve(turn.order, ofClips - skip, ofClips);
    try {
      reservation.settle(await this.#decoder.decode({ turn, skip, pieces: reservation.pieces }));
    } catch (error) {
      if (this.#settings.onError === "skip" && !isAddonMissing(error)) reservation.settle(undefined);
      else reservation.fail(error);
    }
  }

  async #decodeApart(turn: Turn, skip: number): Promise<void> {
    const apart: Apart<Clips> = { turn, skip, outcome: undefined };
    this.#apart.push(apart);
    try {
      apart.outcome = await this.#decoder.decode({ turn, skip, pieces: undefined });
      this.#usualBytes = outputOf(apart.outcome)?.byteLength ?? 0;
    } catch (error) {
      apart.outcome = { error };
    }
  }

  /** Copies what was decoded apart to its batches, in the order of the items, as far as it is there. */
  #placeApart(): void {
    for (let [first] = this.#apart; first?.outcome !== undefined; [first] = this.#apart) {
      this.#apart.shift();
      if ("clips" in first.outcome) this.#tryPlace(first, first.outcome);
      else if (this.#settings.onError !== "skip" || isAddonMissing(first.outcome.error))
        this.#failure ??= { error: first.outcome.error };
    }
    if (this.#turns.isOver && this.#apart.length === 0) this.#rows?.complete();
  }

  /** Batches that are too large end the pass. */
  #tryPlace(apart: Apart<Clips>, decoded: DecodedItem<Clips>): void {
    try {
      this.#place(apart, decoded);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #place({ turn, skip }: Apart<Clips>, decoded: DecodedItem<Clips>): void {
    const { clips } = decoded;
    const { memory } = this.#host;
    const output = outputOf(decoded);
    if (output === undefined) return;
    const layout = this.#kind.layoutOf(clips);
    this.#rows ??= new BatchRows(memory, layout, this.#shape);
    const { clipBytes } = layout;
    const count = this.#kind.countOf(clips);
    const reservation = this.#rows.reserve(turn.order, count, skip + count);
    let from = 0;
    for (const piece of reservation.pieces) {
      const bytes = piece.clips * clipBytes;
      new Uint8Array(piece.output, piece.first * clipBytes, bytes).set(new Uint8Array(output, from, bytes));
      from += bytes;
    }
    reservation.settle(decoded);
    memory.takeBack(output);
  }
}

/** The memory that its worker made. */
function outputOf(outcome: Apart<DecodedClips>["outcome"]): SharedArrayBuffer | undefined {
  return outcome !== undefined && "clips" in outcome ? outcome.clips.output : undefined;
}
