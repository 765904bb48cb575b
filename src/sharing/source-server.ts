import { expose } from "comlink";
import type { MessagePort } from "node:worker_threads";
import { acquireRemote, type RemoteKind, Remotes } from "../feed/held-sources.js";
import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";
import type { RemoteSource } from "../sources/byte-source.js";
import { bytesOfPiece, endPieces } from "../sources/spool.js";
import { Commands, held } from "./commands.js";
import { type Answer, HeldErrors } from "./wire-failure.js";

/**
 * The commands of the thread that owns the pool to a client, whose sources stay with it: it reads them, keeps what it read,
 * and answers with shared memory. `number` is the command's, `source` the client's for what it offered.
 */
export type SourceService = Pick<SourceServer, "open" | "read" | "share" | "next" | "cancel" | "close">;

/** The sources of a client: they are read in its thread, for the thread that owns the pool. */
export class SourceServer {
  readonly #port: MessagePort;
  readonly #sources = new Map<number, RemoteSource>();
  readonly #remotes = new Remotes(() => ({
    register: (source: RemoteSource) => {
      this.#sources.set(++this.#lastSource, source);
      return this.#lastSource;
    },
    unregister: (id: number) => this.#sources.delete(id),
    close: () => this.#sources.clear(),
  }));
  readonly #pieces = new Map<number, AsyncIterator<unknown, unknown>>();
  readonly #commands = new Commands((error) => this.errors.toWire(error));
  /** What sources threw. */
  readonly errors = new HeldErrors();
  #lastSource = 0;

  /** Whoever waits for the pool keeps the thread alive, not what may be asked of it. */
  constructor(port: MessagePort) {
    this.#port = port;
    expose(this, port);
    port.unref();
    port.on("close", () => {
      this.#end();
    });
  }

  /** An object that is offered several times is one source. Each offer is closed by the other side. */
  offer(known: RemoteKind, readTimeoutMs: number): { readonly source: number; readonly label: string } {
    const { id, remote } = acquireRemote(this.#remotes, known, readTimeoutMs);
    return { source: id, label: remote.label };
  }

  offerPieces(pieces: AsyncIterable<unknown>): number {
    this.#pieces.set(++this.#lastSource, pieces[Symbol.asyncIterator]());
    return this.#lastSource;
  }

  async open(number: number, source: number): Promise<Answer<SourceFacts>> {
    return await this.#answer(number, async (signal) => await opened(this.#sources, source).open(signal));
  }

  async read(number: number, source: number, position: number, length: number): Promise<Answer<Uint8Array>> {
    return await this.#commands.answer(number, async (signal) => {
      const bytes = new Uint8Array(length);
      const count = await opened(this.#sources, source).readInto(bytes, position, signal);
      return { value: bytes.subarray(0, count), moved: [bytes.buffer] };
    });
  }

  async share(number: number, source: number, ranges: readonly ByteRange[]): Promise<Answer<readonly SharedPiece[]>> {
    return await this.#answer(number, async (signal) => await opened(this.#sources, source).share(ranges, signal));
  }

  /** Of what comes in pieces: undefined after the last piece. */
  async next(number: number, source: number): Promise<Answer<Uint8Array | undefined>> {
    return await this.#answer(number, async () => {
      const { done, value } = await opened(this.#pieces, source).next();
      if (done !== true) return bytesOfPiece(value);
      this.#pieces.delete(source);
      return undefined;
    });
  }

  /** Nobody waits for the command's answer any more. */
  cancel(number: number): void {
    void this.#commands.end(number, false);
  }

  /** Nobody asks for the source any more. */
  close(source: number): void {
    const pieces = this.#pieces.get(source);
    this.#pieces.delete(source);
    endPieces(pieces);
    if (pieces === undefined) void this.#remotes.release({ id: source });
  }

  /** Lets go of everything. What the user opened stays open. */
  end(): void {
    this.#port.close();
    this.#end();
  }

  #end(): void {
    void this.#commands.endAll();
    for (const source of [...this.#pieces.keys()]) this.close(source);
    void this.#remotes.close();
  }

  async #answer<T>(number: number, work: (signal: AbortSignal) => Promise<T>): Promise<Answer<T>> {
    return await this.#commands.answer(number, async (signal) => ({ value: await work(signal) }));
  }
}

function opened<T>(sources: ReadonlyMap<number, T>, number: number): T {
  return held(sources, number, "the source was closed");
}
