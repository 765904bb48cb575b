const longestTimeout = 2 ** 31 - 1;

/** How many jobs there are that have not ended. While there are any, the process stays alive: neither a starting thread nor a waiting job would keep it. */
export class InFlight {
  #count = 0;
  #keepAlive: NodeJS.Timeout | undefined;
  #whenNone: () => void = () => undefined;

  begin(): void {
    this.#count++;
    this.#keepAlive ??= setInterval(() => undefined, longestTimeout);
  }

  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    this.#whenNone();
  }

  /** Until there are none, at most so long. Called once. */
  async none(mostMs: number): Promise<void> {
    if (this.#count === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, mostMs).unref();
      this.#whenNone = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}
