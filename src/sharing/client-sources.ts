import type { MessagePort } from "node:worker_threads";
import type { Remote } from "comlink";
import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";
import type { RemoteSource } from "../sources/byte-source.js";
import type { KnownSource } from "../sources/media-source.js";
import { Caller } from "./caller.js";
import { type Answer, StandIns } from "./wire-failure.js";
import type { SourceService } from "./source-server.js";
import type { WireSource } from "./wire-source.js";

/** The sources of one client, in the thread that owns the pool. When the client is gone, reads fail with E_CLOSED. */
export class ClientSources {
  readonly #caller: Caller<SourceService>;
  /** What the client's sources threw, as this thread knows it. */
  readonly errors = new StandIns();

  constructor(port: MessagePort) {
    this.#caller = new Caller(port, "the thread that the source lives in is gone");
  }

  /**
   * Uses what a client names as a source. What `use` does not take over, because it fails, is let go of here; otherwise that is
   * for whoever reads it.
   */
  async use<T>(wire: WireSource, use: (source: KnownSource) => Promise<T>): Promise<T> {
    if (wire.kind !== "served" && wire.kind !== "pieces") return await use(wire);
    const letGo = this.#closer(wire.source);
    try {
      if (wire.kind === "pieces") return await use({ kind: "pieces", source: this.#pieces(wire.source, letGo) });
      return await use({ kind: "remote", source: this.#remote(wire.source, wire.label, letGo) });
    } catch (error) {
      letGo();
      throw error;
    }
  }

  close(): void {
    this.#caller.close();
  }

  #remote(source: number, label: string, letGo: () => void): RemoteSource {
    return {
      label,
      open: (signal: AbortSignal): Promise<SourceFacts> =>
        this.#ask(signal, (service, number) => service.open(number, source)),
      readInto: async (target: Uint8Array, position: number, signal: AbortSignal): Promise<number> => {
        const bytes = await this.#ask(signal, (service, number) =>
          service.read(number, source, position, target.length),
        );
        target.set(bytes);
        return bytes.length;
      },
      share: (ranges: readonly ByteRange[], signal: AbortSignal): Promise<readonly SharedPiece[]> =>
        this.#ask(signal, (service, number) => service.share(number, source, ranges)),
      close: letGo,
    };
  }

  #pieces(source: number, letGo: () => void): AsyncIterable<Uint8Array> {
    const pieces: AsyncIterator<Uint8Array> = {
      next: async () => {
        const value = await this.#ask(undefined, (service, number) => service.next(number, source));
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => {
        letGo();
        return { done: true, value: undefined };
      },
    };
    return { [Symbol.asyncIterator]: () => pieces };
  }

  #closer(source: number): () => void {
    let isOpen = true;
    return () => {
      if (isOpen) this.#caller.tell((service) => service.close(source));
      isOpen = false;
    };
  }

  async #ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Remote<SourceService>, number: number) => Promise<Answer<T>>,
  ): Promise<T> {
    const number = this.#caller.newNumber();
    const answer = await this.#caller.call(
      signal,
      (service) => send(service, number),
      () => {
        this.#caller.tell((service) => service.cancel(number));
      },
    );
    if (!answer.ok) throw this.errors.fromWire(answer.error);
    return answer.value;
  }
}
