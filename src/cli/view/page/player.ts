/** What the player plays, and how it is shown. */
interface Played {
  /** The frame that one is at, and how many there are. */
  readonly current: number;
  readonly frames: number;
  /** Nothing is on its way to the screen. */
  readonly isReady: boolean;
  /** When a frame is shown, in seconds from anywhere; of the number behind the last one, when it ends. Ascends. */
  timeOf(frame: number): number;
  show(frame: number): void;
  /** It began, or ended. */
  changed(isPlaying: boolean): void;
}

/** Shows frames at the file's pace: the one whose turn it is whenever the one before is there. What cannot be in time is left out. */
export class Player {
  readonly #played: Played;
  /** When on the page's clock, in milliseconds, which of the file's times was shown. */
  #since: { readonly ms: number; readonly seconds: number } | undefined;

  constructor(played: Played) {
    this.#played = played;
    // Nobody sees it, and the browser asks for no pictures.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
    });
  }

  get isPlaying(): boolean {
    return this.#since !== undefined;
  }

  /** From where one is, from the start where that is the end; or stops. */
  toggle(): void {
    if (this.isPlaying) {
      this.stop();
      return;
    }
    const { current, frames } = this.#played;
    if (frames < 2) return;
    if (current >= frames - 1) this.#played.show(0);
    this.#goOnFrom(current >= frames - 1 ? 0 : current);
    this.#played.changed(true);
    requestAnimationFrame(this.#tick);
  }

  stop(): void {
    if (!this.isPlaying) return;
    this.#since = undefined;
    this.#played.changed(false);
  }

  /** Somebody went to another frame: it goes on from there. */
  moved(): void {
    if (this.isPlaying) this.#goOnFrom(this.#played.current);
  }

  #goOnFrom(frame: number): void {
    this.#since = { ms: performance.now(), seconds: this.#played.timeOf(frame) };
  }

  readonly #tick = (): void => {
    if (this.#since === undefined) return;
    const { current, frames, isReady } = this.#played;
    const seconds = this.#since.seconds + (performance.now() - this.#since.ms) / 1000;
    if (isReady) {
      const due = this.#frameAt(seconds);
      if (due !== current) this.#played.show(due);
      else if (seconds >= this.#played.timeOf(frames)) this.stop();
    }
    requestAnimationFrame(this.#tick);
  };

  /** The last one that has begun by then. */
  #frameAt(seconds: number): number {
    let low = 0;
    let high = this.#played.frames;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#played.timeOf(middle) <= seconds) low = middle;
      else high = middle;
    }
    return low;
  }
}
