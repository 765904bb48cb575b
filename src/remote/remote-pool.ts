import { FramepoolError, FramepoolTypeError } from "../errors.js";
import type { VideoStreamMetadata } from "../metadata.js";
import type { DecoderSettings } from "../options.js";
import { LinkedAbort } from "../pool/linked-abort.js";
import { FrameIndex } from "../protocol/frame-index.js";
import type { Selection } from "../protocol/selection.js";
import type { MediaSource } from "../sources/media-source.js";
import type { Decoded } from "../video/batch-decoder.js";
import type { ExtractedFrames, ExtractionHost, PoolHost, VideoHost } from "../video/host.js";
import type { Connection, Service } from "./connection.js";
import type { Answer, WireVideo } from "./service.js";
import { wireSource } from "./wire-source.js";

/** A pool that belongs to another thread. */
export class RemotePool implements PoolHost {
  readonly #connection: Connection;
  #workers = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.tell(async (service) => {
      this.#workers = await service.workers();
    });
  }

  get workers(): number {
    return this.#workers;
  }

  async openVideo(
    source: MediaSource,
    settings: DecoderSettings,
    signal: AbortSignal | undefined,
  ): Promise<RemoteVideo> {
    const wire = wireSource(source);
    const opened = await this.#connection.ask(signal, (service, number) => service.openVideo(number, wire, settings));
    return new RemoteVideo(this.#connection, opened.number, opened.value);
  }

  async openAudio(): Promise<never> {
    throw new FramepoolTypeError("A connected pool decodes no sound: open it in the thread that the pool belongs to");
  }

  async startExtraction(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<RemoteExtraction> {
    const started = await this.#connection.ask(signal, (service, number) => service.startExtraction(number, settings));
    return new RemoteExtraction(this.#connection, started.number, started.value.workers);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

class RemoteVideo implements VideoHost {
  readonly metadata: VideoStreamMetadata;
  readonly label: string;
  readonly index: FrameIndex | undefined;
  readonly #connection: Connection;
  readonly #number: number;
  /** Aborted with E_CLOSED when the decoder is closed. */
  readonly #closing = new AbortController();

  constructor(connection: Connection, number: number, { metadata, label, index }: WireVideo) {
    this.metadata = metadata;
    this.label = label;
    this.index = index === undefined ? undefined : new FrameIndex(index, metadata.timeBase);
    this.#connection = connection;
    this.#number = number;
  }

  async decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded> {
    const { number, value } = await this.#ask(signal, (service, number) =>
      service.decode(number, this.#number, wanted),
    );
    return this.#connection.adopt(number, value);
  }

  async *stream(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<Decoded, void, undefined> {
    const stream = this.#connection.newNumber();
    this.#connection.tell((service) => service.startStream(stream, this.#number, wanted));
    try {
      for (;;) {
        const { number, value } = await this.#ask(signal, (service, number) => service.next(number, stream));
        if (value === undefined) return;
        yield this.#connection.adopt(number, value);
      }
    } finally {
      this.#connection.drop(stream);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new FramepoolError("E_CLOSED", "the decoder is closed", { source: this.label }));
    await this.#connection.dropped(this.#number);
  }

  async #ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    const linked = new LinkedAbort(this.#closing.signal, signal);
    try {
      return await this.#connection.ask(linked.signal, send);
    } finally {
      linked.unlink();
    }
  }
}

class RemoteExtraction implements ExtractionHost {
  readonly workers: number;
  readonly #connection: Connection;
  readonly #number: number;

  constructor(connection: Connection, number: number, workers: number) {
    this.workers = workers;
    this.#connection = connection;
    this.#number = number;
  }

  async extract(source: MediaSource, selection: Selection, signal: AbortSignal): Promise<ExtractedFrames> {
    const wire = wireSource(source);
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.extract(number, this.#number, wire, selection),
    );
    return { metadata: value.metadata, decoded: this.#connection.adopt(number, value.frames) };
  }

  end(): void {
    this.#connection.drop(this.#number);
  }
}
