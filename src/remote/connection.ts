import type { MessagePort } from "node:worker_threads";
import { type Remote, wrap } from "comlink";
import { FramepoolError } from "../errors.js";
import { Lease } from "../pool/output-memory.js";
import { allowManyListeners } from "../pool/linked-abort.js";
import type { Decoded } from "../video/batch-decoder.js";
import type { Answer, PoolService, WireFrames } from "./service.js";
import { fromWireFailure } from "./wire-failure.js";

export type Service = Remote<PoolService>;

/** The client's end of a port: commands that can be stopped, and the memory that came of them. */
export class Connection {
  readonly #port: MessagePort;
  readonly #service: Service;
  /** How to fail each command that waits for its answer. */
  readonly #waiting = new Set<(error: Error) => void>();
  /** Pixels that were forgotten are given back when their buffer is collected. */
  readonly #forgotten = new FinalizationRegistry<number>((number) => {
    this.drop(number);
  });
  #lastNumber = 0;
  /** Why nothing more can be asked. */
  #closed: FramepoolError | undefined;
  #ending: Promise<void> | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#service = wrap<PoolService>(port);
    port.unref();
    port.on("close", () => {
      this.#lose(new FramepoolError("E_CLOSED", "the connection to the pool is closed"));
    });
  }

  newNumber(): number {
    return ++this.#lastNumber;
  }

  /**
   * Sends a command under a new number and waits for what comes of it. Keeps the process alive meanwhile. Rejects at once,
   * with its reason, when the signal aborts, and with E_CLOSED when the port closes.
   */
  async ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    const number = this.newNumber();
    const answer = await this.#answer(signal, number, () => send(this.#service, number));
    if (!answer.ok) throw fromWireFailure(answer.error);
    return { number, value: answer.value };
  }

  /** Sends what nobody waits for. After the port closed nobody answers: the promise is forgotten with what it was for. */
  tell(send: (service: Service) => Promise<unknown>): void {
    if (this.#closed === undefined) void send(this.#service);
  }

  /** Ends what a number stands for. */
  drop(number: number): void {
    this.tell((service) => service.drop(number));
  }

  /** The same, and waits until that is done, or the port is closed. */
  async dropped(number: number): Promise<void> {
    if (this.#closed === undefined) await this.#acknowledged(this.#service.drop(number));
  }

  adopt(number: number, { pixels, spec, rows }: WireFrames): Decoded {
    const token = {};
    this.#forgotten.register(pixels, number, token);
    const lease = new Lease(pixels, (mayReuse) => {
      this.#forgotten.unregister(token);
      if (mayReuse) this.drop(number);
      else this.tell((service) => service.abandon(number));
    });
    return { lease, spec, rows };
  }

  /** Fails what is under way, ends everything that was begun, and closes the port. */
  async close(): Promise<void> {
    this.#ending ??= this.#close();
    await this.#ending;
  }

  async #close(): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#lose(new FramepoolError("E_CLOSED", "the pool is closed"));
    await this.#acknowledged(this.#service.end());
    this.#port.close();
  }

  #lose(error: FramepoolError): void {
    this.#closed ??= error;
    for (const fail of [...this.#waiting]) fail(error);
  }

  /** The command was carried out, or nobody is there any more to do so. */
  async #acknowledged(command: Promise<void>): Promise<void> {
    await this.#waitFor(command).catch(() => undefined);
  }

  async #answer<T>(signal: AbortSignal | undefined, number: number, send: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    if (signal === undefined) return await this.#waitFor(send());
    signal.throwIfAborted();
    let onAbort: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        reject(signal.reason as Error);
        this.drop(number);
      };
    });
    allowManyListeners(signal);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#waitFor(send()), aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** An answer, or the end of the connection. The process lives on meanwhile. */
  #waitFor<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#waiting.delete(fail);
        if (this.#waiting.size === 0) this.#port.unref();
      };
      const fail = (error: Error): void => {
        finish();
        reject(error);
      };
      this.#waiting.add(fail);
      this.#port.ref();
      answer.then(
        (value) => {
          finish();
          resolve(value);
        },
        (error: unknown) => {
          fail(error as Error);
        },
      );
    });
  }
}
