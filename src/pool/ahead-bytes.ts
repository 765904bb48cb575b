/** A part of what is decoded ahead. */
export interface Ahead {
  /** What it is, once that is known. */
  resize(bytes: number): void;
  /** It was taken, or given up; idempotent. */
  end(): void;
}

/**
 * Bytes that are decoded ahead of whoever will take them, or on their way. Nobody waits here, so that no reader waits for
 * another's: what finds no room is decoded once somebody asks for it.
 */
export class AheadBytes {
  readonly most: number;
  #taken = 0;

  constructor(most: number) {
    this.most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  get free(): number {
    return Math.max(0, this.most - this.#taken);
  }

  /** Counts them, with room or without. */
  count(bytes: number): Ahead {
    let counted: number | undefined = 0;
    const resize = (now: number): void => {
      if (counted === undefined) return;
      this.#taken += now - counted;
      counted = now;
    };
    resize(bytes);
    const end = (): void => {
      resize(0);
      counted = undefined;
    };
    return { resize, end };
  }
}
