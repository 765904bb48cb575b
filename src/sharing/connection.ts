import type { MessagePort } from "node:worker_threads";
import type { Remote } from "comlink";
import { FramepoolError } from "../errors.js";
import { Deadline } from "../async/deadline.js";
import type { KnownSource } from "../sources/media-source.js";
import { Lease } from "../pool/output-memory.js";
import type { Underway } from "../threads/task.js";
import { countSharedMemory } from "../protocol/output-buffer.js";
import { Caller } from "./caller.js";
import type { Session } from "./client-session.js";
import { type Answer, fromWireFailure } from "./wire-failure.js";
import { SourceServer } from "./source-server.js";
import { type WireSource, wireSource } from "./wire-source.js";

/** How long a call waits for the first answer; a thread that has just been started may take a while. */
const answerMs = 15_000;

function noAnswer(milliseconds: number): FramepoolError {
  return new FramepoolError(
    "E_TIMEOUT",
    `nobody has answered at the other end of the endpoint for ${String(milliseconds / 1000)} s: no pool is exposed there, or its thread is busy`,
  );
}

export type Service = Remote<Session>;

/** The client's end: commands that can be stopped, the memory that came of them, and the sources that stay here. */
export class Connection {
  readonly #sources: SourceServer;
  readonly #caller: Caller<Session>;
  /** Memory that was forgotten: the pool's thread lets go of it too. */
  readonly #forgotten = new FinalizationRegistry<number>((number) => {
    this.#abandon(number);
  });
  #ending: Promise<void> | undefined;
  /** Undefined until the other side has answered for the first time. */
  #workers: number | undefined;

  constructor(commands: MessagePort, sources: MessagePort) {
    this.#caller = new Caller(commands, "the connection to the pool is closed");
    this.#sources = new SourceServer(sources);
    // So that what is asked first need not wait for it.
    this.tell(async (service) => (this.#workers = await service.workers()));
  }

  /** Of the pool; 0 until it has answered for the first time. */
  get workers(): number {
    return this.#workers ?? 0;
  }

  /** Aborts with E_CLOSED once nothing more can be asked. */
  get closing(): AbortSignal {
    return this.#caller.closing;
  }

  newNumber(): number {
    return this.#caller.newNumber();
  }

  /** A source as the other side knows it: what that cannot read by itself is asked for here. */
  wire(source: KnownSource, readTimeoutMs: number): WireSource {
    return wireSource(source, readTimeoutMs, this.#sources);
  }

  /**
   * Sends a command under a new number and waits for what comes of it. Keeps the process alive meanwhile. Rejects at once,
   * with its reason, when the signal aborts, with E_CLOSED when the port closes, and with E_TIMEOUT when nobody is there.
   */
  async ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    await this.#reach(signal);
    const { number, result } = this.begin(signal, send);
    return { number, value: await result };
  }

  /** The same of a side that has answered before. It is settled when that side is done with it, or the port is closed. */
  begin<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Underway<T> & { readonly number: number } {
    const number = this.newNumber();
    const { result, settled } = this.#caller.begin(
      signal,
      (service) => send(service, number),
      () => {
        this.drop(number);
      },
    );
    const opened = (answer: Answer<T>): T => {
      if (!answer.ok) throw fromWireFailure(answer.error, this.#sources.errors);
      return answer.value;
    };
    return { number, result: result.then(opened), settled };
  }

  tell(send: (service: Service) => Promise<unknown>): void {
    this.#caller.tell(send);
  }

  /** Ends what a number stands for. */
  drop(number: number): void {
    this.tell((service) => service.drop(number));
  }

  /** The same, and waits until that is done, or the port is closed. */
  async dropped(number: number): Promise<void> {
    if (!this.#caller.closing.aborted) await this.#caller.settled((service) => service.drop(number));
  }

  /** What lies in memory that came under a number, which stands for it until it is given back. */
  adopt<T extends { readonly memory: SharedArrayBuffer }>(
    number: number,
    { memory, ...facts }: T,
  ): Omit<T, "memory"> & { readonly lease: Lease } {
    const token = {};
    countSharedMemory(memory);
    this.#forgotten.register(memory, number, token);
    const lease = new Lease(memory, (mayReuse) => {
      this.#forgotten.unregister(token);
      if (mayReuse) this.drop(number);
      else this.#abandon(number);
    });
    return { ...facts, lease };
  }

  /** Ends what a number stands for; its memory is not used again. */
  #abandon(number: number): void {
    this.tell((service) => service.abandon(number));
  }

  /** Fails what is under way, ends everything that was begun, and closes the ports. */
  async close(): Promise<void> {
    this.#ending ??= this.#close();
    await this.#ending;
  }

  /** Waits until somebody serves the other end: nobody can tell whether a port is listened to. */
  async #reach(signal: AbortSignal | undefined): Promise<void> {
    if (this.#workers !== undefined) return;
    const deadline = new Deadline(noAnswer);
    deadline.begin(answerMs, signal);
    try {
      this.#workers = await this.#caller.call(
        deadline.signal,
        (service) => service.workers(),
        () => undefined,
      );
    } finally {
      deadline.end();
    }
  }

  async #close(): Promise<void> {
    if (!this.#caller.closing.aborted) {
      this.#caller.lose("the pool is closed");
      // Where nobody answered so far, nothing is open.
      if (this.#workers !== undefined) await this.#caller.settled((service) => service.end());
    }
    this.#caller.close();
    this.#sources.end();
  }
}
