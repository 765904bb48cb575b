import { decoderClosed } from "../errors.js";
import type { VideoStreamMetadata } from "../video/metadata.js";
import type { Encoding } from "../protocol/image.js";
import { FrameIndex } from "../protocol/frame-index.js";
import type { Decoded } from "../video/frame-request.js";
import type { VideoHost } from "../video/host.js";
import type { PacketRows } from "../protocol/video.js";
import type { ImageRows } from "../video/images/encoded-image.js";
import type { Connection } from "./connection.js";
import { ConnectedThing } from "./connected-thing.js";
import type { WireFrames, WireVideo } from "./service.js";

export function adoptFrames(connection: Connection, number: number, { memory, spec, rows }: WireFrames): Decoded {
  return { lease: connection.adopt(number, memory), spec, rows };
}

/** A video that a pool of another thread has open. */
export class ConnectedVideo implements VideoHost {
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
