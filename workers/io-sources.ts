import type { RemoteSource } from "../src/sources/byte-source.js";

interface Opened {
  readonly remote: RemoteSource;
  /** What the module made. */
  readonly made: unknown;
}

/** The open sources of an I/O thread. What the module made is closed, where it can be, with the last source of it. */
export class IoSources {
  readonly #opened = new Map<number, Opened>();
  readonly #users = new Map<unknown, number>();

  /** Makes a source of an object, which is closed when that fails. */
  async open<T>(made: unknown, makeSource: () => Promise<T>): Promise<T> {
    this.#users.set(made, (this.#users.get(made) ?? 0) + 1);
    try {
      return await makeSource();
    } catch (error) {
      await this.#leave(made);
      throw error;
    }
  }

  add(id: number, opened: Opened): void {
    this.#opened.set(id, opened);
  }

  get(id: number): RemoteSource | undefined {
    return this.#opened.get(id)?.remote;
  }

  async close(id: number): Promise<void> {
    const opened = this.#opened.get(id);
    this.#opened.delete(id);
    if (opened === undefined) return;
    await opened.remote.close();
    await this.#leave(opened.made);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#opened.keys()].map((id) => this.close(id)));
  }

  async #leave(made: unknown): Promise<void> {
    const users = (this.#users.get(made) ?? 1) - 1;
    if (users > 0) {
      this.#users.set(made, users);
      return;
    }
    this.#users.delete(made);
    try {
      if (canClose(made)) await made.close();
    } catch {
      // Nobody is left who could be told.
    }
  }
}

function canClose(made: unknown): made is { close(): unknown } {
  if (typeof made !== "object" || made === null || !("close" in made)) return false;
  return typeof made.close === "function";
}
