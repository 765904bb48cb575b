import { FramepoolError, FramepoolTypeError, isAddonMissing, isInstance, messageOf, withCaller } from "../../errors.js";
import type { ExtractSettings } from "../options.js";
import type { Ahead, AheadBytes } from "../../pool/ahead-bytes.js";
import { LinkedAbort } from "../../async/abort.js";
import { BoundedPull } from "../../async/bounded-pull.js";
import { WakeUp } from "../../async/wake-up.js";
import type { NeedsRoom } from "../../protocol/video.js";
import { knownSource } from "../../sources/media-source.js";
import type { KnownRequest, Look } from "./extract-request.js";
import type { ExtractionHost, FileRequest } from "../host.js";

/** What became of one request. */
export interface Result<K> {
  readonly key: K;
  readonly error?: FramepoolError | undefined;
}

/** What becomes of requests: results `R`. */
export interface ResultKind<K, R extends Result<K>> {
  extract(request: FileRequest, key: K, signal: AbortSignal): Promise<Extracted<R> | NeedsRoom>;
  failed(key: K, error: FramepoolError): R;
  /** Nobody will take it. */
  giveUp(result: R): void;
}

export interface Extracted<R> {
  readonly result: R;
  /** Of what it holds. */
  readonly bytes: number;
  /** Of it and what decoding it took. */
  readonly needed: number | undefined;
}

/** A request that was begun, and its result once it has one. */
interface Begun<K, R> {
  readonly request: KnownRequest<K>;
  readonly position: number;
  /** What it takes: as much as the last one while it is under way, its batch afterwards. */
  readonly ahead: Ahead;
  running: boolean;
  /** Bytes, when those it was given were too few: it waits until there is room beside the others. */
  needs: number | undefined;
  result: R | undefined;
}

/** What becomes of all requests, as they are done or in their order. */
export async function* extractEach<K, R extends Result<K>>(
  host: ExtractionHost,
  kind: ResultKind<K, R>,
  requests: AsyncGenerator<Look<K>, void, undefined>,
  settings: ExtractSettings,
  signal: AbortSignal | undefined,
): AsyncGenerator<R, void, undefined> {
  const extraction = new Extraction(kind, host.workers, await host.ahead(signal), requests, settings, signal);
  try {
    for (;;) {
      const result = await extraction.next();
      if (result === undefined) return;
      yield result.error === undefined ? result : kind.failed(result.key, withCaller(result.error));
    }
  } catch (error) {
    throw withCaller(error);
  } finally {
    await extraction.stop();
  }
}

/** Requests on their way through a pool, at most so many and, but for the one that the consumer waits for, so many bytes. */
class Extraction<K, R extends Result<K>> {
  readonly #kind: ResultKind<K, R>;
  readonly #room: AheadBytes;
  readonly #ordered: boolean;
  readonly #mostInFlight: number;
  readonly #requests: BoundedPull<Look<K>>;
  readonly #linked: LinkedAbort;
  /** Not yet given to the consumer, oldest first. */
  readonly #begun: Begun<K, R>[] = [];
  /** What the consumer was given last: it may hold it until it comes back. */
  #given: Ahead | undefined;
  /** Bytes that the last request took that was decoded, and of its batch. */
  #usual: number | undefined;
  #usualBatch = 0;
  #position = 0;
  #stopped = false;
  /** Of every file, if of one. */
  #addonMissing: Error | undefined;
  readonly #wakeUp = new WakeUp();

  constructor(
    kind: ResultKind<K, R>,
    workers: number,
    room: AheadBytes,
    requests: AsyncGenerator<Look<K>, void, undefined>,
    { ordered, maxInFlight }: ExtractSettings,
    signal: AbortSignal | undefined,
  ) {
    this.#kind = kind;
    this.#room = room;
    this.#ordered = ordered;
    this.#mostInFlight = maxInFlight ?? 2 * workers;
    this.#requests = new BoundedPull(
      requests,
      () => this.#hasRoom(),
      (look) => {
        this.#begin(look());
      },
      () => {
        this.#wakeUp.wake();
      },
    );
    this.#linked = new LinkedAbort(signal);
    this.#linked.signal.addEventListener("abort", () => {
      this.#wakeUp.wake();
    });
  }

  /** The next result, or undefined after the last. Throws what the requests threw, once those before are done. */
  async next(): Promise<R | undefined> {
    this.#given?.end();
    for (;;) {
      this.#linked.signal.throwIfAborted();
      if (this.#addonMissing !== undefined) throw this.#addonMissing;
      this.#beginAgain();
      this.#requests.pull();
      const ready = this.#takeReady();
      if (ready !== undefined) return ready;
      if (this.#requests.isOver && this.#begun.length === 0) break;
      await this.#wakeUp.wait();
    }
    const { failure } = this.#requests;
    if (failure !== undefined) throw failure.error;
    return undefined;
  }

  /**
   * Cancels what is under way, gives back what nobody took, and ends the requests as any loop over them would: what their
   * own end throws is thrown, unless there is a reason to throw already. A request that is being waited for may never come:
   * then they end once it did.
   */
  async stop(): Promise<void> {
    const isAborted = this.#linked.signal.aborted;
    this.#stopped = true;
    this.#linked.abort(new DOMException("the iteration ended", "AbortError"));
    this.#given?.end();
    for (const begun of this.#begun) if (!begun.running) this.#giveUp(begun);
    const ended = this.#requests.stop();
    if (isAborted) ended.catch(() => undefined);
    else await ended;
  }

  #takeReady(): R | undefined {
    const at = this.#ordered ? 0 : this.#begun.findIndex(({ result }) => result !== undefined);
    const ready = this.#begun[at];
    if (ready?.result === undefined) return undefined;
    this.#begun.splice(at, 1);
    this.#given = ready.ahead;
    return ready.result;
  }

  /** Bytes that a request is given before it is known what it needs. */
  get #expected(): number {
    return this.#usual ?? Math.floor(this.#room.most / this.#mostInFlight);
  }

  #hasRoom(): boolean {
    if (this.#begun.length === 0) return true;
    if (this.#begun.length >= this.#mostInFlight || this.#begun.some(({ needs }) => needs !== undefined)) return false;
    return this.#expected <= this.#room.free;
  }

  #begin(request: KnownRequest<K>): void {
    const position = this.#position++;
    const expected = this.#expected;
    const ahead = this.#room.count(expected);
    // What the consumer waits for, and nothing else, may take what it needs.
    const room = this.#begun.length === 0 ? Number.MAX_SAFE_INTEGER : expected;
    const begun: Begun<K, R> = { request, position, ahead, running: false, needs: undefined, result: undefined };
    this.#begun.push(begun);
    void this.#run(begun, room);
  }

  /** Those that were given too little: one after the other, as there is room, or when the consumer waits for this very one. */
  #beginAgain(): void {
    for (const begun of this.#begun) {
      const { needs, ahead } = begun;
      if (needs === undefined) continue;
      if (needs > this.#room.free && !this.#isWaitedFor(begun)) return;
      begun.needs = undefined;
      ahead.resize(needs);
      void this.#run(begun, needs);
    }
  }

  #isWaitedFor(begun: Begun<K, R>): boolean {
    if (this.#begun.some(({ running }) => running)) return false;
    return this.#ordered ? begun === this.#begun[0] : !this.#begun.some(({ result }) => result !== undefined);
  }

  async #run(begun: Begun<K, R>, room: number): Promise<void> {
    begun.running = true;
    const outcome = await this.#extract(begun, room);
    begun.running = false;
    if ("needs" in outcome) {
      begun.needs = outcome.needs;
      begun.ahead.resize(0);
    } else {
      begun.result = outcome.result;
      begun.ahead.resize(outcome.bytes);
      if (outcome.needed !== undefined) {
        this.#usual = outcome.needed;
        this.#usualBatch = outcome.bytes;
      }
    }
    if (isAddonMissing(begun.result?.error)) this.#addonMissing = begun.result?.error;
    if (this.#stopped) this.#giveUp(begun);
    this.#wakeUp.wake();
  }

  /** Never rejects: what went wrong is the request's own result. */
  async #extract({ request, position }: Begun<K, R>, room: number): Promise<Extracted<R> | NeedsRoom> {
    const { key, selection, folder } = request;
    try {
      const source = knownSource(request.source);
      const wanted = { source, selection, folder, position, room, usual: this.#usualBatch };
      return await this.#kind.extract(wanted, key, this.#linked.signal);
    } catch (error) {
      return { result: this.#kind.failed(key, failureOf(error)), bytes: 0, needed: undefined };
    }
  }

  #giveUp({ result, ahead }: Begun<K, R>): void {
    if (result !== undefined) this.#kind.giveUp(result);
    ahead.end();
  }
}

/** Misuse that only showed when the source was looked at is an error of this file alone, like any other. */
function failureOf(error: unknown): FramepoolError {
  if (isInstance(error, FramepoolError)) return error;
  const code = isInstance(error, FramepoolTypeError) ? error.code : "E_INTERNAL";
  return new FramepoolError(code, messageOf(error), { cause: error });
}
