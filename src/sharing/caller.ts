import type { MessagePort } from "node:worker_threads";
import { type Remote, wrap } from "comlink";
import { FramepoolError } from "../errors.js";
import { unlessAborted } from "../async/abort.js";
import type { Underway } from "../threads/task.js";

/** Sends commands to the service at the other end of a port, and waits for what comes of them or for the port's end. */
export class Caller<S> {
  readonly #port: MessagePort;
  readonly #service: Remote<S>;
  /** Commands that wait for their answers. */
  #waiting = 0;
  #lastNumber = 0;
  readonly #closing = new AbortController();
  /** Aborts when the port is closed: nothing is answered any more. */
  readonly #ended = new AbortController();

  /** `reason`: of the E_CLOSED that everything rejects with once the port is closed. */
  constructor(port: MessagePort, reason: string) {
    this.#port = port;
    this.#service = wrap<S>(port);
    port.unref();
    port.on("close", () => {
      this.#ended.abort();
      this.lose(reason);
    });
  }

  /** Aborts with E_CLOSED once nothing more can be asked. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  newNumber(): number {
    return ++this.#lastNumber;
  }

  /**
   * Sends a command and waits for its answer. Keeps the process alive meanwhile. Rejects at once, with its reason, when the
   * signal aborts, after `cancel`; and with E_CLOSED when the port closes.
   */
  async call<T>(
    signal: AbortSignal | undefined,
    send: (service: Remote<S>) => Promise<T>,
    cancel: () => void,
  ): Promise<T> {
    return await this.begin(signal, send, cancel).result;
  }

  /** The same. It is settled with its answer, whoever waits for that still, or with the port's end. */
  begin<T>(signal: AbortSignal | undefined, send: (service: Remote<S>) => Promise<T>, cancel: () => void): Underway<T> {
    const stopped = this.closing.aborted ? this.closing : signal;
    if (stopped?.aborted) return { result: Promise.reject(stopped.reason as Error), settled: Promise.resolve() };
    const answer = this.#waitFor(send(this.#service), this.closing);
    const settled = answer.then(
      () => undefined,
      () => undefined,
    );
    return { result: signal === undefined ? answer : unlessAborted(answer, signal, cancel), settled };
  }

  /** Sends what nobody waits for. After the port closed nobody answers: the promise is forgotten with what it was for. */
  tell(send: (service: Remote<S>) => Promise<unknown>): void {
    if (!this.closing.aborted) send(this.#service).catch(() => undefined);
  }

  /** Sends a command, also when everything else failed already; resolves once it was carried out, or nobody is there to do so. */
  async settled(send: (service: Remote<S>) => Promise<unknown>): Promise<void> {
    await this.#waitFor(send(this.#service), this.#ended.signal).catch(() => undefined);
  }

  /** Fails what waits, and whatever is asked from now on, with E_CLOSED. */
  lose(reason: string): void {
    this.#closing.abort(new FramepoolError("E_CLOSED", reason));
  }

  close(): void {
    this.#port.close();
  }

  /** Keeps the process alive meanwhile. */
  async #waitFor<T>(answer: Promise<T>, lost: AbortSignal): Promise<T> {
    this.#waiting++;
    this.#port.ref();
    try {
      return await unlessAborted(answer, lost);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#port.unref();
    }
  }
}
