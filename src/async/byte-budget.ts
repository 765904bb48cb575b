import { unlessAborted } from "./abort.js";

interface Waiting {
  readonly bytes: number;
  readonly urgent: boolean;
  readonly go: () => void;
}

/** Bytes, or whatever is counted, that may be held at a time. Whoever wants some waits its turn; one that wants more than all gets all. */
export class ByteBudget {
  readonly #most: number;
  #taken = 0;
  #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Resolves with what gives the bytes back; rejects with the signal's reason. Turns of the `urgent` come before those of the others. */
  async take(bytes: number, signal: AbortSignal, urgent = false): Promise<() => void> {
    signal.throwIfAborted();
    const share = Math.min(bytes, this.#most);
    if (this.#waiting.length > 0 || this.#taken + share > this.#most) await this.#turn(share, signal, urgent);
    else this.#taken += share;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#taken -= share;
      this.#hand();
    };
  }

  async #turn(bytes: number, signal: AbortSignal, urgent: boolean): Promise<void> {
    let go: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      go = resolve;
    });
    const place = { bytes, urgent, go };
    const behind = urgent ? this.#waiting.findIndex((other) => !other.urgent) : -1;
    this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, place);
    const leave = (): void => {
      // Its turn may have come in this very moment.
      if (!this.#waiting.includes(place)) this.#taken -= bytes;
      this.#waiting = this.#waiting.filter((one) => one !== place);
      this.#hand();
    };
    await unlessAborted(turn, signal, leave);
  }

  #hand(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#taken + next.bytes > this.#most) return;
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.go();
    }
  }
}

/** From several budgets, one after the other: whoever waits for one has taken nothing of those behind it. */
export async function takeAll(budgets: readonly ByteBudget[], bytes: number, signal: AbortSignal): Promise<() => void> {
  const taken: (() => void)[] = [];
  const release = (): void => {
    for (const giveBack of taken) giveBack();
  };
  try {
    for (const budget of budgets) taken.push(await budget.take(bytes, signal));
    return release;
  } catch (error) {
    release();
    throw error;
  }
}
