import { unlessAborted } from "./abort.js";

interface Waiting {
  readonly start: () => void;
  readonly urgent: boolean;
}

/** Lets a bounded number of requests run at once; the others wait in order, the urgent ones in front. */
export class RequestQueue {
  readonly #most: number;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(urgent: boolean, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    if (this.#running < this.#most) this.#running++;
    else await this.#turn(urgent, signal);
    try {
      return await request();
    } finally {
      this.#release();
    }
  }

  async #turn(urgent: boolean, signal: AbortSignal): Promise<void> {
    let waiting: Waiting | undefined;
    const turn = new Promise<void>((resolve) => {
      waiting = { start: resolve, urgent };
      const place = urgent ? this.#waiting.findIndex((other) => !other.urgent) : -1;
      this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, waiting);
    });
    try {
      await unlessAborted(turn, signal);
    } catch (error) {
      const place = this.#waiting.findIndex((other) => other === waiting);
      // Gone already: its turn came in the same moment, and goes to the next.
      if (place === -1) this.#release();
      else this.#waiting.splice(place, 1);
      throw error;
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    // The place is handed on, never free in between: nobody can overtake.
    if (next === undefined) this.#running--;
    else next.start();
  }
}
