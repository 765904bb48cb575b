import type { AudioSettings } from "../audio/options.js";
import type { DecoderSettings } from "../video/options.js";
import { argumentError } from "../errors.js";
import { AheadBytes } from "../pool/ahead-bytes.js";
import type { PoolStats } from "../pool/stats.js";
import type { OutputMemory } from "../pool/output-memory.js";
import type { Encoding } from "../protocol/image.js";
import type { NeedsRoom } from "../protocol/video.js";
import type { KnownSource } from "../sources/media-source.js";
import type { ExtractedFrames, ExtractedImages, FileRequest } from "../video/host.js";
import type { PoolHost } from "../pool-host.js";
import type { Connection } from "./connection.js";
import { ConnectedAudio } from "./connected-audio.js";
import { ConnectedClips, batchMemory } from "./connected-clips.js";
import { ConnectedMedia } from "./connected-media.js";
import { ConnectedVideo, adoptFrames } from "./connected-video.js";
import { wireSource } from "./wire-source.js";

/** A pool that belongs to another thread. */
export class ConnectedPool implements PoolHost {
  readonly #connection: Connection;
  /** Of batches; made for the first loader. */
  #memory: OutputMemory | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get workers(): number {
    return this.#connection.workers;
  }

  get stats(): PoolStats {
    throw argumentError("pool.stats", "a pool of this thread", "a connected one");
  }

  get closing(): AbortSignal {
    return this.#connection.closing;
  }

  async openMedia(
    source: KnownSource,
    readTimeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<ConnectedMedia> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.openMedia(number, wireSource(source, readTimeoutMs, this.#connection.sources), readTimeoutMs),
    );
    return new ConnectedMedia(this.#connection, number, value);
  }

  async openVideo(
    source: KnownSource,
    settings: DecoderSettings,
    signal: AbortSignal | undefined,
  ): Promise<ConnectedVideo> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.openVideo(number, wireSource(source, settings.readTimeoutMs, this.#connection.sources), settings),
    );
    return new ConnectedVideo(this.#connection, number, value);
  }

  async openAudio(
    source: KnownSource,
    settings: AudioSettings,
    signal: AbortSignal | undefined,
  ): Promise<ConnectedAudio> {
    const { number, value } = await this.#connection.ask(signal, (service, number) =>
      service.openAudio(number, wireSource(source, settings.readTimeoutMs, this.#connection.sources), settings),
    );
    return new ConnectedAudio(this.#connection, number, value);
  }

  /** This thread's part: it knows nothing of the others'. */
  async ahead(signal: AbortSignal | undefined): Promise<AheadBytes> {
    const { value } = await this.#connection.ask(signal, (service, number) => service.aheadBytes(number));
    return new AheadBytes(value);
  }

  async extract(
    { source, ...request }: FileRequest,
    settings: DecoderSettings,
    signal: AbortSignal,
  ): Promise<ExtractedFrames | NeedsRoom> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) => {
      const wire = wireSource(source, settings.readTimeoutMs, connection.sources);
      return service.extract(number, { ...request, source: wire }, settings);
    });
    if ("needs" in value) return value;
    const { metadata, frames, needed } = value;
    return { metadata, decoded: adoptFrames(connection, number, frames), needed };
  }

  async extractImages(
    { source, ...request }: FileRequest,
    settings: DecoderSettings,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<ExtractedImages | NeedsRoom> {
    const connection = this.#connection;
    const { value } = await connection.ask(signal, (service, number) => {
      const wire = wireSource(source, settings.readTimeoutMs, connection.sources);
      return service.extractImages(number, { ...request, source: wire }, settings, encoding);
    });
    return value;
  }

  async clips(signal: AbortSignal | undefined): Promise<ConnectedClips> {
    const { value } = await this.#connection.ask(signal, (service, number) => service.clipFacts(number));
    this.#memory ??= batchMemory(this.#connection, value.freeBytes);
    return new ConnectedClips(this.#connection, this.#memory, value);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
