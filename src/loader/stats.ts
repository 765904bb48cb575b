/** Failures that are remembered. */
const mostFailures = 100;

/** Why an item's clips are not in the batches. */
export interface ItemFailure {
  /** The item's. */
  readonly key: unknown;
  /** A FramepoolError, or a FramepoolTypeError for what is no item. */
  readonly error: unknown;
}

/** What an iteration has done so far. */
export interface ClipLoaderStats {
  /** Items decoded, those that replaced others included. */
  readonly items: number;
  /** That you took. */
  readonly batches: number;
  /** In the batches that you took. */
  readonly clips: number;
  /** Items left out, with onError "skip". */
  readonly skipped: number;
  /** Items in whose place another one was decoded, with onError "replace". */
  readonly replaced: number;
  /** The last 100 failures. */
  readonly failures: readonly ItemFailure[];
  /** How long you waited for batches: what is not hidden behind your own work. */
  readonly waitSeconds: number;
  /** Of batches begun and not yet taken. */
  readonly prefetchedBytes: number;
}

export class LoaderCounts {
  items = 0;
  skipped = 0;
  replaced = 0;
  readonly #failures: ItemFailure[] = [];
  #batches = 0;
  #clips = 0;
  #waitSeconds = 0;

  failed(key: unknown, error: unknown): void {
    this.#failures.push({ key, error });
    if (this.#failures.length > mostFailures) this.#failures.shift();
  }

  took(batch: { readonly length: number }): void {
    this.#batches++;
    this.#clips += batch.length;
  }

  waited(milliseconds: number): void {
    this.#waitSeconds += milliseconds / 1000;
  }

  stats(prefetchedBytes: number): ClipLoaderStats {
    return {
      items: this.items,
      batches: this.#batches,
      clips: this.#clips,
      skipped: this.skipped,
      replaced: this.replaced,
      failures: [...this.#failures],
      waitSeconds: this.#waitSeconds,
      prefetchedBytes,
    };
  }
}
