import { linkedTo, onAbort } from "../async/abort.js";
import type { AudioHost, DecodedSamples } from "../audio/host.js";
import type { AudioSettings } from "../audio/options.js";
import { argumentError, decoderClosed, type FramepoolError, mediaClosed } from "../errors.js";
import type { MediaHost, PoolHost } from "../pool-host.js";
import { AheadBytes } from "../pool/ahead-bytes.js";
import type { ClipHost, ClipSource, ClipSourceOptions, FrameClipsWork, SoundClipsWork } from "../pool/clip-host.js";
import type { KnownLimits } from "../pool/options.js";
import { OutputMemory } from "../pool/output-memory.js";
import type { PoolStats } from "../pool/stats.js";
import type { AudioClipsResult, AudioInfo, SampleRange } from "../protocol/audio.js";
import { FrameIndex } from "../protocol/frame-index.js";
import type { Encoding } from "../protocol/image.js";
import type { MediaInfo } from "../protocol/media.js";
import type { ClipsResult, NeedsRoom, PacketRows } from "../protocol/video.js";
import type { KnownSource } from "../sources/media-source.js";
import type { Underway } from "../threads/task.js";
import type { Decoded } from "../video/frame-request.js";
import type { ExtractedFrames, ExtractedImages, FileRequest, VideoHost } from "../video/host.js";
import type { ImageRows } from "../video/images/encoded-image.js";
import type { VideoStreamMetadata } from "../video/metadata.js";
import type { DecoderSettings } from "../video/options.js";
import type { Connection, Service } from "./connection.js";
import type { HeldMedia, WireAudio, WireClipFacts, WireMedia, WireVideo } from "./wire-values.js";
import type { Answer } from "./wire-failure.js";

/** A file or a decoder that another thread has open, by its number there. */
class ConnectedThing {
  readonly label: string;
  protected readonly number: number;
  protected readonly connection: Connection;
  readonly #closing = new AbortController();
  readonly #closed: FramepoolError;
  readonly #unlink: () => void;

  /** `closed`: what its calls fail with once it is. `media`: aborts when the file is closed that it is a decoder of. */
  constructor(connection: Connection, number: number, label: string, closed: FramepoolError, media?: AbortSignal) {
    this.connection = connection;
    this.number = number;
    this.label = label;
    this.#closed = closed;
    this.#unlink = media === undefined ? () => undefined : onAbort(media, () => void this.close());
  }

  protected get closing(): AbortSignal {
    return this.#closing.signal;
  }

  protected async ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    return await linkedTo([this.closing, signal], (linked) => this.connection.ask(linked, send));
  }

  /** What comes in pieces, which `start` begins under a number of their own, until `next` has none. */
  protected async *pieces<W, T>(
    signal: AbortSignal | undefined,
    start: (service: Service, pieces: number) => Promise<void>,
    next: (service: Service, number: number, pieces: number) => Promise<Answer<W | undefined>>,
    adopt: (number: number, value: W) => T,
  ): AsyncGenerator<T, void, undefined> {
    const pieces = this.connection.newNumber();
    this.connection.tell((service) => start(service, pieces));
    try {
      for (;;) {
        const { number, value } = await this.ask(signal, (service, number) => next(service, number, pieces));
        if (value === undefined) return;
        yield adopt(number, value);
      }
    } finally {
      this.connection.drop(pieces);
    }
  }

  async close(): Promise<void> {
    this.#unlink();
    this.#closing.abort(this.#closed);
    await this.connection.dropped(this.number);
  }
}

/** A video that a pool of another thread has open. */
class ConnectedVideo extends ConnectedThing implements VideoHost {
  readonly metadata: VideoStreamMetadata;
  readonly index: FrameIndex | undefined;

  constructor(connection: Connection, number: number, { metadata, label, index }: WireVideo, media?: AbortSignal) {
    super(connection, number, label, decoderClosed(label), media);
    this.metadata = metadata;
    this.index = index === undefined ? undefined : FrameIndex.of(index);
  }

  async decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded> {
    const { number, value } = await this.ask(signal, (service, number) => service.decode(number, this.number, wanted));
    return this.connection.adopt(number, value);
  }

  frames(
    wanted: Int32Array,
    size: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Decoded, void, undefined> {
    return this.pieces(
      signal,
      (service, frames) => service.startFrames(frames, this.number, wanted, size),
      (service, number, frames) => service.nextFrames(number, frames),
      (number, value) => this.connection.adopt(number, value),
    );
  }

  images(
    wanted: Int32Array,
    encoding: Encoding,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ImageRows, void, undefined> {
    return this.pieces(
      signal,
      (service, images) => service.startImages(images, this.number, wanted, encoding),
      (service, number, images) => service.nextImages(number, images),
      (_number, rows) => rows,
    );
  }

  packets(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<PacketRows, void, undefined> {
    return this.pieces(
      signal,
      (service, packets) => service.startPackets(packets, this.number, wanted),
      (service, number, packets) => service.nextPackets(number, packets),
      (_number, rows) => rows,
    );
  }

  async saveIndex(signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { value } = await this.ask(signal, (service, number) => service.saveIndex(number, this.number));
    return value;
  }
}

/** A sound stream that a pool of another thread has open. */
class ConnectedAudio extends ConnectedThing implements AudioHost {
  readonly info: AudioInfo;

  constructor(connection: Connection, number: number, { info, label }: WireAudio, media?: AbortSignal) {
    super(connection, number, label, decoderClosed(label), media);
    this.info = info;
  }

  async decode(range: SampleRange, signal: AbortSignal | undefined): Promise<DecodedSamples> {
    const { number, value } = await this.ask(signal, (service, number) =>
      service.decodeRange(number, this.number, range),
    );
    return this.connection.adopt(number, value);
  }

  samples(length: number, signal: AbortSignal | undefined): AsyncGenerator<DecodedSamples, void, undefined> {
    return this.pieces(
      signal,
      (service, samples) => service.startSamples(samples, this.number, length),
      (service, number, samples) => service.nextSamples(number, samples),
      (number, value) => this.connection.adopt(number, value),
    );
  }
}

/** A file that a pool of another thread has open. */
class ConnectedMedia extends ConnectedThing implements MediaHost {
  readonly info: MediaInfo;

  constructor(connection: Connection, number: number, { info, label }: WireMedia) {
    super(connection, number, label, mediaClosed(label));
    this.info = info;
  }

  async openVideo(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost> {
    const { number, value } = await this.ask(signal, (service, number) =>
      service.openVideo(number, this.#held, settings),
    );
    return new ConnectedVideo(this.connection, number, value, this.closing);
  }

  async openAudio(settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost> {
    const { number, value } = await this.ask(signal, (service, number) =>
      service.openAudio(number, this.#held, settings),
    );
    return new ConnectedAudio(this.connection, number, value, this.closing);
  }

  get #held(): HeldMedia {
    return { kind: "media", media: this.number };
  }
}

/** Memory of this thread's batches. Once the pool is out of reach nobody can say when its workers are done with it. */
function batchMemory({ closing }: Connection, freeBytes: number): OutputMemory {
  const memory = new OutputMemory(freeBytes);
  onAbort(closing, () => {
    memory.close();
  });
  return memory;
}

/** Clips that a pool of another thread decodes, into this thread's batches. */
class ConnectedClips implements ClipHost {
  readonly workers: number;
  readonly limits: KnownLimits;
  readonly memory: OutputMemory;
  readonly closing: AbortSignal;
  readonly #connection: Connection;

  constructor(connection: Connection, memory: OutputMemory, { workers, limits }: WireClipFacts) {
    this.workers = workers;
    this.limits = limits;
    this.memory = memory;
    this.closing = connection.closing;
    this.#connection = connection;
  }

  async open(source: KnownSource, options: ClipSourceOptions, signal: AbortSignal): Promise<ClipSource> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openClips(number, connection.wire(source, options.readTimeoutMs), options),
    );
    return new ConnectedClipSource(connection, number, value.isRemote);
  }
}

class ConnectedClipSource implements ClipSource {
  readonly isRemote: boolean;
  readonly #connection: Connection;
  readonly #number: number;

  constructor(connection: Connection, number: number, isRemote: boolean) {
    this.isRemote = isRemote;
    this.#connection = connection;
    this.#number = number;
  }

  decodeFrames(work: FrameClipsWork, signal: AbortSignal): Underway<ClipsResult> {
    return this.#connection.begin(signal, (service, number) => service.decodeFrameClips(number, this.#number, work));
  }

  decodeSound(work: SoundClipsWork, signal: AbortSignal): Underway<AudioClipsResult> {
    return this.#connection.begin(signal, (service, number) => service.decodeSoundClips(number, this.#number, work));
  }

  async release(): Promise<void> {
    this.#connection.drop(this.#number);
  }
}

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

  async openMedia(source: KnownSource, readTimeoutMs: number, signal: AbortSignal | undefined): Promise<MediaHost> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openMedia(number, connection.wire(source, readTimeoutMs), readTimeoutMs),
    );
    return new ConnectedMedia(connection, number, value);
  }

  async openVideo(source: KnownSource, settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openVideo(number, connection.wire(source, settings.readTimeoutMs), settings),
    );
    return new ConnectedVideo(connection, number, value);
  }

  async openAudio(source: KnownSource, settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openAudio(number, connection.wire(source, settings.readTimeoutMs), settings),
    );
    return new ConnectedAudio(connection, number, value);
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
      const wire = connection.wire(source, settings.readTimeoutMs);
      return service.extract(number, { ...request, source: wire }, settings);
    });
    if ("needs" in value) return value;
    const { frames, ...facts } = value;
    return { ...facts, decoded: connection.adopt(number, frames) };
  }

  async extractImages(
    { source, ...request }: FileRequest,
    settings: DecoderSettings,
    encoding: Encoding,
    signal: AbortSignal,
  ): Promise<ExtractedImages | NeedsRoom> {
    const connection = this.#connection;
    const { value } = await connection.ask(signal, (service, number) => {
      const wire = connection.wire(source, settings.readTimeoutMs);
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
