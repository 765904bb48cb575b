import { FramepoolError, FramepoolTypeError, isAddonMissing, isInstance, messageOf, withCaller } from "../../errors.js";
import type { DecoderSettings, ExtractSettings } from "../options.js";
import type { Ahead, AheadBytes } from "../../pool/ahead-bytes.js";
import { LinkedAbort } from "../../async/abort.js";
import { BoundedPull } from "../../async/bounded-pull.js";
import { WakeUp } from "../../async/wake-up.js";
import type { DType } from "../../protocol/output.js";
import type { NeedsRoom } from "../../protocol/video.js";
import { knownSource } from "../../sources/media-source.js";
import { type ExtractResult, type KnownRequest, type Look, ExtractedBatch } from "./extract-request.js";
import type { ExtractionHost } from "../host.js";

/** A request that was begun, and its result once it has one. */
interface Begun<K, D extends DType> {
  readonly request: KnownRequest<K>;
  readonly position: number;
  /** What it takes: as much as the last one while it is under way, its batch afterwards. */
  readonly ahead: Ahead;
  running: boolean;
  /** Bytes, when those it was given were too few: it waits until there is room beside the others. */
  needs: number | undefined;
  result: ExtractResult<K, D> | undefined;
}

interface Extracted<K, D extends DType> {
  readonly result: ExtractResult<K, D>;
  /** Of the batch. */
  readonly bytes: number;
  /** Of it and what decoding it took. */
  readonly needed: number | undefined;
}

/** See DecoderPool.extract. */
export async function* extractAll<K, D extends DType>(
  host: ExtractionHost,
  requests: AsyncGenerator<Look<K>, void, undefined>,
  settings: ExtractSettings<D>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExtractResult<K, D>, void, undefined> {
  const extraction = new Extraction(host, await host.ahead(signal), requests, settings, signal);
  try {
    for (;;) {
      const result = await extraction.next();
      if (result === undefined) return;
      yield result.error === undefined ? result : { ...result, error: withCaller(result.error) };
    }
  } catch (error) {
    throw withCaller(error);
  } finally {
    await extraction.stop();
  }
}

/** Requests on their way through a pool, at most so many and, but for the one that the consumer waits for, so many bytes. */
class Extraction<K, D extends DType> {
  readonly #host: ExtractionHost;
  readonly #room: AheadBytes;
  readonly #settings: DecoderSettings<D>;
  readonly #ordered: boolean;
  readonly #mostInFlight: number;
  readonly #requests: BoundedPull<Look<K>>;
  readonly #linked: LinkedAbort;
  /** Not yet given to the consumer, oldest first. */
  readonly #begun: Begun<K, D>[] = [];
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
    host: ExtractionHost,
    room: AheadBytes,
    requests: AsyncGenerator<Look<K>, void, undefined>,
    { decoder, ordered, maxInFlight }: ExtractSettings<D>,
    signal: AbortSignal | undefined,
  ) {
    this.#host = host;
    this.#room = room;
    this.#settings = decoder;
    this.#ordered = ordered;
    this.#mostInFlight = maxInFlight ?? 2 * host.workers;
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
  async next(): Promise<ExtractResult<K, D> | undefined> {
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
    for (const begun of this.#begun) if (!begun.running) giveUp(begun);
    const ended = this.#requests.stop();
    if (isAborted) ended.catch(() => undefined);
    else await ended;
  }

  #takeReady(): ExtractResult<K, D> | undefined {
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
    const begun: Begun<K, D> = { request, position, ahead, running: false, needs: undefined, result: undefined };
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

  #isWaitedFor(begun: Begun<K, D>): boolean {
    if (this.#begun.some(({ running }) => running)) return false;
    return this.#ordered ? begun === this.#begun[0] : !this.#begun.some(({ result }) => result !== undefined);
  }

  async #run(begun: Begun<K, D>, room: number): Promise<void> {
    begun.running = true;
    const outcome = await this.#extract(begun, room);
    begun.running = false;
    if ("needs" in outcome) {
      begun.needs = outcome.needs;
      this.#usualBatch = outcome.needs;
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
    if (this.#stopped) giveUp(begun);
    this.#wakeUp.wake();
  }

  /** Never rejects: what went wrong is the request's own result. */
  async #extract({ request, position }: Begun<K, D>, room: number): Promise<Extracted<K, D> | NeedsRoom> {
    const { key, selection } = request;
    try {
      const source = knownSource(request.source);
      const wanted = { source, selection, position, room, usual: this.#usualBatch };
      const extracted = await this.#host.extract(wanted, this.#settings, this.#linked.signal);
      if ("needs" in extracted) return extracted;
      const { metadata, decoded, needed } = extracted;
      const spec = { ...decoded.spec, dtype: this.#settings.dtype };
      const batch = new ExtractedBatch(metadata, decoded.lease, spec, decoded.rows);
      return { result: { key, batch }, bytes: decoded.lease.buffer.byteLength, needed };
    } catch (error) {
      return { result: { key, error: failureOf(error) }, bytes: 0, needed: undefined };
    }
  }
}

function giveUp<K, D extends DType>({ result, ahead }: Begun<K, D>): void {
  result?.batch?.release();
  ahead.end();
}

/** Misuse that only showed when the source was looked at is an error of this file alone, like any other. */
function failureOf(error: unknown): FramepoolError {
  if (isInstance(error, FramepoolError)) return error;
  const code = isInstance(error, FramepoolTypeError) ? error.code : "E_INTERNAL";
  return new FramepoolError(code, messageOf(error), { cause: error });
}
