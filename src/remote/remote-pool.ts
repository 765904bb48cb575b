import type { AudioSettings } from "../audio/options.js";
import type { DecoderSettings } from "../options.js";
import type { KnownSource } from "../sources/media-source.js";
import type { ExtractedFrames, ExtractionHost, FileRequest, PoolHost } from "../video/host.js";
import type { Connection } from "./connection.js";
import { RemoteAudio } from "./remote-audio.js";
import { RemoteVideo, adoptFrames } from "./remote-video.js";
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
    source: KnownSource,
    settings: DecoderSettings,
    signal: AbortSignal | undefined,
  ): Promise<RemoteVideo> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.openVideo(number, wireSource(source, settings.readTimeoutMs, this.#connection.sources), settings),
    );
    return new RemoteVideo(this.#connection, number, value);
  }

  async openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<RemoteAudio> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.openAudio(number, wireSource(source, settings.readTimeoutMs, this.#connection.sources), settings),
    );
    return new RemoteAudio(this.#connection, number, value);
  }

  async startExtraction(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<RemoteExtraction> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.startExtraction(number, settings),
    );
    return new RemoteExtraction(this.#connection, number, value.workers, settings.readTimeoutMs);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

class RemoteExtraction implements ExtractionHost {
  readonly workers: number;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #readTimeoutMs: number;

  constructor(connection: Connection, number: number, workers: number, readTimeoutMs: number) {
    this.workers = workers;
    this.#connection = connection;
    this.#number = number;
    this.#readTimeoutMs = readTimeoutMs;
  }

  async extract({ source, selection, position }: FileRequest, signal: AbortSignal): Promise<ExtractedFrames> {
    const { number, value } = await this.#connection.ask(signal, (service, number) => {
      const wire = wireSource(source, this.#readTimeoutMs, this.#connection.sources);
      return service.extract(number, this.#number, { source: wire, selection, position });
    });
    return { metadata: value.metadata, decoded: adoptFrames(this.#connection, number, value.frames) };
  }

  end(): void {
    this.#connection.drop(this.#number);
  }
}
