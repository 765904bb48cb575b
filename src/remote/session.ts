import { FramepoolError } from "../errors.js";
import type { DecoderSettings } from "../options.js";
import type { Selection } from "../protocol/selection.js";
import type { Decoded } from "../video/batch-decoder.js";
import type { ExtractionHost, PoolHost, VideoHost } from "../video/host.js";
import type { Answer, PoolService, WireExtracted, WireFrames, WireSource, WireVideo } from "./service.js";
import { toWireFailure } from "./wire-failure.js";

/** What came of a command, and how to undo it: `abandoned` when the client may still look at the pixels. */
interface Outcome<T> {
  readonly value: T;
  readonly end: End | undefined;
}

type End = (abandoned: boolean) => void | Promise<void>;

/** What one client began and has not dropped, in the thread that owns the pool. */
export class Session implements PoolService {
  readonly #host: PoolHost;
  readonly #videos = new Map<number, VideoHost>();
  readonly #streams = new Map<number, AsyncGenerator<Decoded, void, undefined>>();
  readonly #extractions = new Map<number, ExtractionHost>();
  /** By the client's numbers. */
  readonly #ends = new Map<number, End>();

  constructor(host: PoolHost) {
    this.#host = host;
  }

  workers(): number {
    return this.#host.workers;
  }

  async openVideo(number: number, source: WireSource, settings: DecoderSettings): Promise<Answer<WireVideo>> {
    return await this.#answer(number, async (signal) => {
      const video = await this.#host.openVideo(source, settings, signal);
      const { metadata, label, index } = video;
      this.#videos.set(number, video);
      return {
        value: { metadata, label, index: index?.buffer },
        end: async () => {
          this.#videos.delete(number);
          await video.close();
        },
      };
    });
  }

  async decode(number: number, video: number, wanted: Int32Array): Promise<Answer<WireFrames>> {
    return await this.#answer(number, async (signal) =>
      framesOutcome(await held(this.#videos, video).decode(wanted, signal)),
    );
  }

  startStream(number: number, video: number, wanted: Int32Array): void {
    const stop = new AbortController();
    const stream = this.#videos.get(video)?.stream(wanted, stop.signal);
    if (stream === undefined) return;
    this.#streams.set(number, stream);
    this.#ends.set(number, () => {
      this.#streams.delete(number);
      stop.abort();
      // A piece that is being waited for comes first, as an error or as the dropped command's to release.
      void stream.return();
    });
  }

  async next(number: number, stream: number): Promise<Answer<WireFrames | undefined>> {
    return await this.#answer(number, async () => {
      const next = await held(this.#streams, stream).next();
      return next.done === true ? { value: undefined, end: undefined } : framesOutcome(next.value);
    });
  }

  async startExtraction(number: number, settings: DecoderSettings): Promise<Answer<{ readonly workers: number }>> {
    return await this.#answer(number, async (signal) => {
      const extraction = await this.#host.startExtraction(settings, signal);
      this.#extractions.set(number, extraction);
      return {
        value: { workers: extraction.workers },
        end: () => {
          this.#extractions.delete(number);
          extraction.end();
        },
      };
    });
  }

  async extract(
    number: number,
    extraction: number,
    source: WireSource,
    selection: Selection,
  ): Promise<Answer<WireExtracted>> {
    return await this.#answer(number, async (signal) => {
      const { metadata, decoded } = await held(this.#extractions, extraction).extract(source, selection, signal);
      const { value, end } = framesOutcome(decoded);
      return { value: { metadata, frames: value }, end };
    });
  }

  async drop(number: number): Promise<void> {
    await this.#end(number, false);
  }

  abandon(number: number): void {
    void this.#end(number, true);
  }

  async end(): Promise<void> {
    await Promise.all([...this.#ends.keys()].map((number) => this.#end(number, true)));
  }

  async #end(number: number, abandoned: boolean): Promise<void> {
    const end = this.#ends.get(number);
    this.#ends.delete(number);
    await end?.(abandoned);
  }

  /** Never rejects. What comes of a command that was dropped meanwhile is undone. */
  async #answer<T>(number: number, work: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<Answer<T>> {
    const stop = new AbortController();
    this.#ends.set(number, () => {
      stop.abort();
    });
    try {
      const { value, end } = await work(stop.signal);
      this.#ends.delete(number);
      if (stop.signal.aborted) {
        // The client never got to see it.
        await end?.(false);
        stop.signal.throwIfAborted();
      }
      if (end !== undefined) this.#ends.set(number, end);
      return { ok: true, value };
    } catch (error) {
      this.#ends.delete(number);
      return { ok: false, error: toWireFailure(error) };
    }
  }
}

function framesOutcome({ lease, spec, rows }: Decoded): Outcome<WireFrames> {
  return {
    value: { pixels: lease.buffer, spec, rows },
    end: (abandoned) => {
      if (abandoned) lease.abandon();
      else lease.release();
    },
  };
}

function held<T>(things: ReadonlyMap<number, T>, number: number): T {
  const thing = things.get(number);
  if (thing === undefined) throw new FramepoolError("E_CLOSED", "the decoder is closed");
  return thing;
}
