import { LinkedAbort, onAbort } from "../async/abort.js";
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
import type { HeldMedia, WireAudio, WireClipFacts, WireFrames, WireMedia, WireSamples, WireVideo } from "./service.js";
import type { Answer } from "./wire-failure.js";
import { wireSource } from "./wire-source.js";

/** A file or a decoder that another thread has open, by its number there. */
class ConnectedThing {
  readonly number: number;
  readonly connection: Connection;
  readonly #closing = new AbortController();
  readonly #closed: FramepoolError;
  readonly #unlink: () => void;

  /** `closed`: what its calls fail with once it is. `media`: aborts when the file is closed that it is a decoder of. */
  constructor(connection: Connection, number: number, closed: FramepoolError, media?: AbortSignal) {
    this.connection = connection;
    this.number = number;
    this.#closed = closed;
    this.#unlink = media === undefined ? () => undefined : onAbort(media, () => void this.close());
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    const linked = new LinkedAbort(this.#closing.signal, signal);
    try {
      return await this.connection.ask(linked.signal, send);
    } finally {
      linked.unlink();
    }
  }

  /** What comes in pieces, which `start` begins under a number of their own, until `next` has none. */
  async *pieces<W, T>(
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

function adoptFrames(connection: Connection, number: number, { memory, spec, rows }: WireFrames): Decoded {
  return { lease: connection.adopt(number, memory), spec, rows };
}

/** A video that a pool of another thread has open. */
class ConnectedVideo implements VideoHost {
  readonly metadata: VideoStreamMetadata;
  readonly index: FrameIndex | undefined;
  readonly label: string;
  readonly #decoder: ConnectedThing;

  constructor(connection: Connection, number: number, { metadata, label, index }: WireVideo, media?: AbortSignal) {
    this.metadata = metadata;
    this.index = index === undefined ? undefined : FrameIndex.of(index);
    this.label = label;
    this.#decoder = new ConnectedThing(connection, number, decoderClosed(label), media);
  }

  async decode(wanted: Int32Array, signal: AbortSignal | undefined): Promise<Decoded> {
    const { connection, number: video } = this.#decoder;
    const { number, value } = await this.#decoder.ask(signal, (service, number) =>
      service.decode(number, video, wanted),
    );
    return adoptFrames(connection, number, value);
  }

  frames(
    wanted: Int32Array,
    size: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Decoded, void, undefined> {
    const { connection, number: video } = this.#decoder;
    return this.#decoder.pieces(
      signal,
      (service, frames) => service.startFrames(frames, video, wanted, size),
      (service, number, frames) => service.nextFrames(number, frames),
      (number, value) => adoptFrames(connection, number, value),
    );
  }

  images(
    wanted: Int32Array,
    encoding: Encoding,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ImageRows, void, undefined> {
    const { number: video } = this.#decoder;
    return this.#decoder.pieces(
      signal,
      (service, images) => service.startImages(images, video, wanted, encoding),
      (service, number, images) => service.nextImages(number, images),
      (_number, rows) => rows,
    );
  }

  packets(wanted: Int32Array, signal: AbortSignal | undefined): AsyncGenerator<PacketRows, void, undefined> {
    const { number: video } = this.#decoder;
    return this.#decoder.pieces(
      signal,
      (service, packets) => service.startPackets(packets, video, wanted),
      (service, number, packets) => service.nextPackets(number, packets),
      (_number, rows) => rows,
    );
  }

  async saveIndex(signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { number: video } = this.#decoder;
    const { value } = await this.#decoder.ask(signal, (service, number) => service.saveIndex(number, video));
    return value;
  }

  async close(): Promise<void> {
    await this.#decoder.close();
  }
}

/** A sound stream that a pool of another thread has open. */
class ConnectedAudio implements AudioHost {
  readonly info: AudioInfo;
  readonly label: string;
  readonly #decoder: ConnectedThing;

  constructor(connection: Connection, number: number, { info, label }: WireAudio, media?: AbortSignal) {
    this.info = info;
    this.label = label;
    this.#decoder = new ConnectedThing(connection, number, decoderClosed(label), media);
  }

  async decode(range: SampleRange, signal: AbortSignal | undefined): Promise<DecodedSamples> {
    const { number, value } = await this.#decoder.ask(signal, (service, number) =>
      service.decodeRange(number, this.#decoder.number, range),
    );
    return this.#adopt(number, value);
  }

  samples(length: number, signal: AbortSignal | undefined): AsyncGenerator<DecodedSamples, void, undefined> {
    return this.#decoder.pieces(
      signal,
      (service, samples) => service.startSamples(samples, this.#decoder.number, length),
      (service, number, samples) => service.nextSamples(number, samples),
      (number, value) => this.#adopt(number, value),
    );
  }

  async close(): Promise<void> {
    await this.#decoder.close();
  }

  #adopt(number: number, { memory, count, begin, skipped }: WireSamples): DecodedSamples {
    return { lease: this.#decoder.connection.adopt(number, memory), count, begin, skipped };
  }
}

/** A file that a pool of another thread has open. */
class ConnectedMedia implements MediaHost {
  readonly info: MediaInfo;
  readonly label: string;
  readonly #file: ConnectedThing;

  constructor(connection: Connection, number: number, { info, label }: WireMedia) {
    this.info = info;
    this.label = label;
    this.#file = new ConnectedThing(connection, number, mediaClosed(label));
  }

  async openVideo(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<ConnectedVideo> {
    const { number, value } = await this.#file.ask(signal, (service, number) =>
      service.openVideo(number, this.#held, settings),
    );
    return new ConnectedVideo(this.#file.connection, number, value, this.#file.closing);
  }

  async openAudio(settings: AudioSettings, signal: AbortSignal | undefined): Promise<ConnectedAudio> {
    const { number, value } = await this.#file.ask(signal, (service, number) =>
      service.openAudio(number, this.#held, settings),
    );
    return new ConnectedAudio(this.#file.connection, number, value, this.#file.closing);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  get #held(): HeldMedia {
    return { kind: "media", media: this.#file.number };
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
  readonly #connection: Connection;

  constructor(connection: Connection, memory: OutputMemory, { workers, limits }: WireClipFacts) {
    this.workers = workers;
    this.limits = limits;
    this.memory = memory;
    this.#connection = connection;
  }

  get closing(): AbortSignal {
    return this.#connection.closing;
  }

  async open(source: KnownSource, options: ClipSourceOptions, signal: AbortSignal): Promise<ConnectedClipSource> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openClips(number, wireSource(source, options.readTimeoutMs, connection.sources), options),
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
