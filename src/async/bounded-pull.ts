/** Takes what a source that may be slow gives, one after the other, as long as there is room for more. */
export class BoundedPull<T> {
  readonly #source: AsyncIterator<T, unknown>;
  readonly #hasRoom: () => boolean;
  readonly #take: (item: T) => void;
  readonly #rested: () => void;
  #isPulling = false;
  #isOver = false;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;

  /** `rested` is called whenever there is nothing more to take, or no room for it. */
  constructor(source: AsyncIterator<T, unknown>, hasRoom: () => boolean, take: (item: T) => void, rested: () => void) {
    this.#source = source;
    this.#hasRoom = hasRoom;
    this.#take = take;
    this.#rested = rested;
  }

  /** The source gave its last, or failed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What the source, or taking, threw: to be told after all that came before. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Goes on, where it had rested. */
  pull(): void {
    if (!this.#isPulling && !this.#isOver && !this.#isStopped) void this.#pull();
  }

  /** Takes no more, and ends the source, as a loop over it would. One that is being waited for may never come: it ends once it did. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#isOver) return;
    const ended = this.#source.return?.();
    if (this.#isPulling) ended?.catch(() => undefined);
    else await ended;
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    try {
      while (!this.#isOver && !this.#isStopped && this.#hasRoom()) {
        const next = await this.#source.next();
        if (this.#accept(next)) continue;
        await this.#source.return?.();
        this.#isOver = true;
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#isOver = true;
    }
    this.#isPulling = false;
    this.#rested();
  }

  /** False where it cannot be taken: that ends the source, as a loop over it would that throws. */
  #accept(next: IteratorResult<T, unknown>): boolean {
    if (next.done === true) this.#isOver = true;
    if (next.done === true || this.#isStopped) return true;
    try {
      this.#take(next.value);
      return true;
    } catch (error) {
      this.#failure = { error };
      return false;
    }
  }
}
