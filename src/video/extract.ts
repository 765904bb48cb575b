import { FramepoolError, argumentError, isInstance, messageOf } from "../errors.js";
import { FrameBatch } from "../frame.js";
import type { VideoStreamMetadata } from "../metadata.js";
import { checkObject, finite, index, integer, numbers, positive } from "../arguments.js";
import type { ExtractSettings } from "../options.js";
import { LinkedAbort } from "../pool/linked-abort.js";
import type { Selection } from "../protocol/selection.js";
import { type MediaSource, knownSource } from "../sources/media-source.js";
import type { ExtractionHost, PoolHost } from "./host.js";

/** Which frames of which source; exactly one way to choose them. */
export type ExtractRequest<K = unknown> = {
  readonly source: MediaSource;
  /** Comes back with the result. Default: the request's position, from 0. */
  readonly key?: K;
} & (
  | { readonly indices: Iterable<number> }
  /** Seconds: what was on screen. */
  | { readonly times: Iterable<number> }
  /** The frame on screen at the beginning and every so many seconds after. */
  | { readonly every: number }
  /** Evenly spread from the first frame to the last: floor(i * (n - 1) / (count - 1)). */
  | { readonly count: number }
  | { readonly keyFrames: true }
);

/** A batch that also says what it is from. */
export class ExtractedBatch extends FrameBatch {
  readonly metadata: VideoStreamMetadata;

  /** @internal */
  constructor(metadata: VideoStreamMetadata, ...batch: ConstructorParameters<typeof FrameBatch>) {
    super(...batch);
    this.metadata = metadata;
  }
}

/** What became of one request. `error` is a FramepoolError, or a FramepoolTypeError for a request that makes no sense. */
export type ExtractResult<K = unknown> =
  | { readonly key: K; readonly batch: ExtractedBatch; readonly error?: undefined }
  | { readonly key: K; readonly batch?: undefined; readonly error: Error };

type Requests<K> = Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>;

/** See DecoderPool.extract. */
export async function* extractAll<K>(
  pool: PoolHost,
  requests: Requests<K>,
  settings: ExtractSettings,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExtractResult<K>, void, undefined> {
  const host = await pool.startExtraction(settings.decoder, signal);
  const extraction = new Extraction(host, requests, settings, signal);
  try {
    for (let result = await extraction.next(); result !== undefined; result = await extraction.next()) yield result;
  } finally {
    host.end();
    await extraction.stop();
  }
}

/** A request that was begun, and its result once it has one. */
interface Begun<K> {
  result: ExtractResult<K> | undefined;
}

class Extraction<K> {
  readonly #host: ExtractionHost;
  readonly #ordered: boolean;
  readonly #mostInFlight: number;
  readonly #source: AsyncIterator<ExtractRequest<K>>;
  readonly #linked: LinkedAbort;
  /** Not yet given to the consumer, oldest first. */
  readonly #begun: Begun<K>[] = [];
  #position = 0;
  #pulling = false;
  #exhausted = false;
  #failure: { readonly error: unknown } | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

  constructor(
    host: ExtractionHost,
    requests: Requests<K>,
    { ordered, maxInFlight }: ExtractSettings,
    signal: AbortSignal | undefined,
  ) {
    this.#host = host;
    this.#ordered = ordered;
    this.#mostInFlight = maxInFlight ?? 2 * host.workers;
    this.#source = iterate(requests);
    this.#linked = new LinkedAbort(signal);
    this.#linked.signal.addEventListener("abort", () => {
      this.#wake();
    });
  }

  /** The next result, or undefined after the last. Throws what the requests threw, once those before are done. */
  async next(): Promise<ExtractResult<K> | undefined> {
    for (;;) {
      this.#linked.signal.throwIfAborted();
      void this.#pull();
      const ready = this.#takeReady();
      if (ready !== undefined) return ready;
      if (this.#exhausted && this.#begun.length === 0) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
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
    for (const { result } of this.#begun) result?.batch?.release();
    if (this.#exhausted) return;
    const ended = this.#source.return?.();
    if (this.#pulling || isAborted) ended?.catch(() => undefined);
    else await ended;
  }

  #takeReady(): ExtractResult<K> | undefined {
    const at = this.#ordered ? 0 : this.#begun.findIndex(({ result }) => result !== undefined);
    const result = this.#begun[at]?.result;
    if (result !== undefined) this.#begun.splice(at, 1);
    return result;
  }

  /** Begins requests while there is room, one after the other from a source that may be slow. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    try {
      while (!this.#exhausted && !this.#stopped && this.#begun.length < this.#mostInFlight) {
        const next = await this.#source.next();
        if (next.done === true) this.#exhausted = true;
        else this.#begin(next.value);
      }
    } catch (error) {
      this.#failure = { error };
      this.#exhausted = true;
    }
    this.#pulling = false;
    this.#wake();
  }

  #begin(request: ExtractRequest<K>): void {
    if (this.#stopped) return;
    const position = this.#position++;
    const key = keyOf(request, position) as K;
    const begun: Begun<K> = { result: undefined };
    this.#begun.push(begun);
    void extractOne(this.#host, request, { key, position }, this.#linked.signal).then((result) => {
      if (this.#stopped) result.batch?.release();
      else begun.result = result;
      this.#wake();
    });
  }
}

function keyOf(request: unknown, position: number): unknown {
  if (typeof request !== "object" || request === null) return position;
  return (request as { readonly key?: unknown }).key ?? position;
}

async function* iterate<K>(requests: Requests<K>): AsyncGenerator<ExtractRequest<K>, void, undefined> {
  yield* requests;
}

/** Never rejects: what went wrong is the request's own result. */
async function extractOne<K>(
  host: ExtractionHost,
  request: ExtractRequest<K>,
  { key, position }: { readonly key: K; readonly position: number },
  signal: AbortSignal,
): Promise<ExtractResult<K>> {
  try {
    const selection = selectionOf(request);
    const source = knownSource(request.source);
    const { metadata, decoded } = await host.extract({ source, selection, position }, signal);
    return { key, batch: new ExtractedBatch(metadata, decoded.lease, decoded.spec, decoded.rows) };
  } catch (error) {
    const isError = isInstance(error, Error);
    return { key, error: isError ? error : new FramepoolError("E_INTERNAL", messageOf(error), { cause: error }) };
  }
}

const ways = ["indices", "times", "every", "count", "keyFrames"] as const;

function selectionOf(request: unknown): Selection {
  checkObject("request", request, "an object");
  const given = ways.filter((way) => (request as Record<string, unknown>)[way] !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1) {
    throw argumentError("request", `one of ${ways.join(", ")}`, given.length === 0 ? "none" : given.join(" and "));
  }
  const value = (request as Record<string, unknown>)[way];
  switch (way) {
    case "indices":
      return { by: "indices", indices: numbers("request.indices", value, index) };
    case "times":
      return { by: "times", times: numbers("request.times", value, finite) };
    case "every":
      return { by: "every", seconds: positive("request.every", value) };
    case "count":
      return { by: "count", count: integer("request.count", value, 1, 2 ** 24) };
    case "keyFrames":
      if (value !== true) throw argumentError("request.keyFrames", "true", value);
      return { by: "keyFrames" };
  }
}
