import { onAbort } from "../async/abort.js";
import type { Decoded, FrameRequest } from "./frame-request.js";

/**
 * The requests of one video. Those that come in one turn of the event loop, and those that come while jobs of this video wait for a
 * worker, are decoded together: asking for a hundred frames at once costs no more than asking for them one after the other.
 */
export class FrameRequests {
  readonly #closing: AbortSignal;
  readonly #decode: (requests: readonly FrameRequest[]) => void;
  /** Not answered yet. */
  readonly #open = new Set<FrameRequest>();
  /** Of these, those that no job works for yet. */
  #gathered: FrameRequest[] = [];
  /** Jobs that wait for a worker. */
  readonly #waiting = new Set<object>();
  #isFlushing = false;

  /** `decode` begins jobs, which settle the requests. */
  constructor(closing: AbortSignal, decode: (requests: readonly FrameRequest[]) => void) {
    this.#closing = closing;
    this.#decode = decode;
    onAbort(closing, () => {
      for (const request of this.#open) request.fail(closing.reason);
    });
  }

  /** Rejects at once when the signal aborts, with its reason, and when the video is closed. */
  async run(request: FrameRequest, signal: AbortSignal | undefined): Promise<Decoded> {
    this.#gathered.push(request);
    this.#flushSoon();
    return await this.#settled(request, signal);
  }

  /** The same of one that cannot share a pass with others. */
  async runAlone(request: FrameRequest, signal: AbortSignal | undefined): Promise<Decoded> {
    this.#decode([request]);
    return await this.#settled(request, signal);
  }

  /** A job waits for a worker, or does not any more. */
  note(job: object, waits: boolean): void {
    if (waits) this.#waiting.add(job);
    else this.#waiting.delete(job);
    if (this.#gathered.length > 0) this.#flushSoon();
  }

  async #settled(request: FrameRequest, signal: AbortSignal | undefined): Promise<Decoded> {
    this.#open.add(request);
    if (this.#closing.aborted) request.fail(this.#closing.reason);
    if (signal?.aborted === true) request.fail(signal.reason);
    const unlink = signal === undefined ? undefined : onAbort(signal, () => request.fail(signal.reason));
    try {
      return await request.result;
    } finally {
      unlink?.();
      this.#open.delete(request);
    }
  }

  #flushSoon(): void {
    if (this.#isFlushing || this.#waiting.size > 0) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      const requests = this.#gathered.filter(({ isOpen }) => isOpen);
      this.#gathered = [];
      if (requests.length > 0) this.#decode(requests);
    });
  }
}
