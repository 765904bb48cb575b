import type { AudioSettings } from "../audio/options.js";
import type { DecoderSettings } from "../options.js";
import { AheadBytes } from "../pool/ahead-bytes.js";
import type { OutputMemory } from "../pool/output-memory.js";
import type { NeedsRoom } from "../protocol/job.js";
import type { KnownSource } from "../sources/media-source.js";
import type { ExtractedFrames, ExtractionHost, FileRequest, PoolHost } from "../video/host.js";
import type { WireExtraction } from "./service.js";
import type { Connection } from "./connection.js";
import { RemoteAudio } from "./connected-audio.js";
import { RemoteClips, batchMemory } from "./connected-clips.js";
import { RemoteVideo, adoptFrames } from "./connected-video.js";
import { wireSource } from "./wire-source.js";

/** A pool that belongs to another thread. */
export class RemotePool implements PoolHost {
  readonly #connection: Connection;
  /** Of batches; made for the first loader. */
  #memory: OutputMemory | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get workers(): number {
    return this.#connection.workers;
  }

  get closing(): AbortSignal {
    return this.#connection.closing;
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
    return new RemoteExtraction(this.#connection, number, value, settings.readTimeoutMs);
  }

  async clips(signal: AbortSignal | undefined): Promise<RemoteClips> {
    const { value } = await this.#connection.ask(signal, (service, number) => service.clipFacts(number));
    this.#memory ??= batchMemory(this.#connection, value.freeBytes);
    return new RemoteClips(this.#connection, this.#memory, value);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

class RemoteExtraction implements ExtractionHost {
  readonly workers: number;
  /** This thread's part: it knows nothing of the others'. */
  readonly ahead: AheadBytes;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #readTimeoutMs: number;

  constructor(connection: Connection, number: number, { workers, aheadBytes }: WireExtraction, readTimeoutMs: number) {
    this.workers = workers;
    this.ahead = new AheadBytes(aheadBytes);
    this.#connection = connection;
    this.#number = number;
    this.#readTimeoutMs = readTimeoutMs;
  }

  async extract(
    { source, selection, position, room }: FileRequest,
    signal: AbortSignal,
  ): Promise<ExtractedFrames | NeedsRoom> {
    const { number, value } = await this.#connection.ask(signal, (service, number) => {
      const wire = wireSource(source, this.#readTimeoutMs, this.#connection.sources);
      return service.extract(number, this.#number, { source: wire, selection, position, room });
    });
    if ("needs" in value) return value;
    const { metadata, frames, needed } = value;
    return { metadata, decoded: adoptFrames(this.#connection, number, frames), needed };
  }

  end(): void {
    this.#connection.drop(this.#number);
  }
}
