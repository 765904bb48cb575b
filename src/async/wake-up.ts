/** For one that waits until something may have changed, and looks again; whoever changes something wakes it. */
export class WakeUp {
  #wake: () => void = () => undefined;

  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake();
  }
}
