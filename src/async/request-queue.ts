import { ByteBudget } from "./byte-budget.js";

/** Lets a bounded number of requests run at once; the others wait in order, the urgent ones in front. */
export class RequestQueue {
  readonly #places: ByteBudget;

  constructor(most: number) {
    this.#places = new ByteBudget(most);
  }

  async run<T>(urgent: boolean, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const giveBack = await this.#places.take(1, signal, urgent);
    try {
      return await request();
    } finally {
      giveBack();
    }
  }
}
