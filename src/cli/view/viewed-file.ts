import {
  type EncodedImage,
  type EncodeOptions,
  type Media,
  type Transform,
  type VideoDecoder,
  type VideoStreamDescription,
  transforms,
} from "../../index.js";
import { asPlayed } from "../images.js";
import type { Input } from "../inputs.js";
import type { FileFacts, Mode, PacketColumns, VideoFacts } from "./answers.js";

/** Larger pictures are scaled down to be looked at; a screen shows no more of them. */
const longestShown = 1920;

export type Place = { readonly indices: readonly [number] } | { readonly times: readonly [number] };

export interface Picture {
  readonly mode: Mode;
  /** undefined: the one that is decoded where nobody chooses. */
  readonly streamIndex: number | undefined;
  readonly place: Place;
  readonly encode: EncodeOptions;
}

/** What the page shows of a file; decoders are opened when they are first asked for. Everything throws as the library does. */
export class ViewedFile {
  readonly #input: Input;
  readonly #media: Media;
  readonly #decoders = new Map<string, Promise<VideoDecoder>>();

  constructor(input: Input, media: Media) {
    this.#input = input;
    this.#media = media;
  }

  facts(): FileFacts {
    const { container } = this.#media;
    const streams = this.#videos().map((stream) => ({ streamIndex: stream.index, label: labelOf(stream) }));
    const { name, stem } = this.#input;
    return { name, stem, container, streams };
  }

  async video(streamIndex: number | undefined, mode: Mode): Promise<VideoFacts> {
    return (await this.#decoder(streamIndex, mode, false)).metadata;
  }

  /** Throws E_METADATA where there is no index of packets. */
  async packets(streamIndex: number | undefined, signal: AbortSignal): Promise<PacketColumns> {
    const video = await this.#decoder(streamIndex, "exact", false);
    const columns = {
      size: [] as number[],
      key: [] as (0 | 1)[],
      frame: [] as number[],
      pts: [] as (number | null)[],
      dts: [] as (number | null)[],
    };
    for await (const packet of video.packets({ metadataOnly: true, signal })) {
      columns.size.push(packet.size);
      columns.key.push(packet.key ? 1 : 0);
      columns.frame.push(packet.frameIndex ?? -1);
      columns.pts.push(packet.ptsSeconds);
      columns.dts.push(packet.dtsSeconds);
    }
    return columns;
  }

  async picture({ streamIndex, mode, place, encode }: Picture, signal: AbortSignal): Promise<EncodedImage | undefined> {
    // A picture to be kept has all of its pixels.
    const video = await this.#decoder(streamIndex, mode, encode.format !== "png");
    for await (const image of video.getImages(place, { encode, signal })) return image;
    return undefined;
  }

  /** One that could not be opened is tried again when it is asked for again. */
  #decoder(streamIndex: number | undefined, seekMode: Mode, isShown: boolean): Promise<VideoDecoder> {
    const key = [streamIndex, seekMode, isShown].join();
    const known = this.#decoders.get(key);
    if (known !== undefined) return known;
    const stream = streamIndex === undefined ? {} : { streamIndex };
    const opened = (isShown ? this.#shown(streamIndex, seekMode) : Promise.resolve(asPlayed)).then((done) =>
      this.#media.video({ ...stream, seekMode, transforms: done }),
    );
    opened.catch(() => this.#decoders.delete(key));
    this.#decoders.set(key, opened);
    return opened;
  }

  async #shown(streamIndex: number | undefined, mode: Mode): Promise<readonly Transform[]> {
    const { width, height, pixelAspectRatio } = (await this.#decoder(streamIndex, mode, false)).metadata;
    const ratio = pixelAspectRatio === null ? 1 : pixelAspectRatio.num / pixelAspectRatio.den;
    const longest = Math.max(width * Math.max(ratio, 1), height / Math.min(ratio, 1));
    return longest > longestShown ? [...asPlayed, transforms.resize({ longest: longestShown })] : asPlayed;
  }

  #videos(): VideoStreamDescription[] {
    return this.#media.streams.filter((stream) => stream.kind === "video");
  }
}

function labelOf({ index, codec, width, height, isCover, language, title }: VideoStreamDescription): string {
  const size = width === null || height === null ? "" : `, ${String(width)}x${String(height)}`;
  const notes = [isCover ? "cover" : null, language, title].filter((note) => note !== null);
  return `${String(index)}: ${codec ?? "unknown"}${size}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}
