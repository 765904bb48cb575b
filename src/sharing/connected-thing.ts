import type { FramepoolError } from "../errors.js";
import { LinkedAbort, onAbort } from "../async/abort.js";
import type { Connection, Service } from "./connection.js";
import type { Answer } from "./wire-failure.js";

/** A file or a decoder that another thread has open, by its number there. */
export class ConnectedThing {
  readonly number: number;
  readonly connection: Connection;
  readonly #closing = new AbortController();
  readonly #closed: FramepoolError;
  readonly #unlink: () => void;

  /** `closed`: what its calls fail with once it is. `media`: aborts when the file is closed that it is a decoder of. */
  constructor(connection: Connection, number: number, closed: FramepoolError, media?: AbortSignal) {
    this.connection = connection;
    this.number = number;
    this.#closed = closed;
    this.#unlink = media === undefined ? () => undefined : onAbort(media, () => void this.close());
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    const linked = new LinkedAbort(this.#closing.signal, signal);
    try {
      return await this.connection.ask(linked.signal, send);
    } finally {
      linked.unlink();
    }
  }

  /** What comes in pieces, which `start` begins under a number of their own, until `next` has none. */
  async *pieces<W, T>(
    signal: AbortSignal | undefined,
    start: (service: Service, pieces: number) => Promise<void>,
    next: (service: Service, number: number, pieces: number) => Promise<Answer<W | undefined>>,
    adopt: (number: number, value: W) => T,
  ): AsyncGenerator<T, void, undefined> {
    const pieces = this.connection.newNumber();
    this.connection.tell((service) => start(service, pieces));
    try {
      for (;;) {
        const { number, value } = await this.ask(signal, (service, number) => next(service, number, pieces));
        if (value === undefined) return;
        yield adopt(number, value);
      }
    } finally {
      this.connection.drop(pieces);
    }
  }

  async close(): Promise<void> {
    this.#unlink();
    this.#closing.abort(this.#closed);
    await this.connection.dropped(this.number);
  }
}
