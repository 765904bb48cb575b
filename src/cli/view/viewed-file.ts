import {
  type DecoderPool,
  type EncodedImage,
  type EncodeOptions,
  FramepoolError,
  type Media,
  type Transform,
  type VideoDecoder,
  type VideoStreamDescription,
  transforms,
} from "../../index.js";
import { asPlayed } from "../images.js";
import { type Input, identityOf } from "../inputs.js";
import { codeOf } from "../messages.js";
import type { FileFacts, Mode, PacketColumns, VideoFacts } from "./answers.js";

/** Larger pictures are scaled down to be looked at; a screen shows no more of them. */
const longestShown = 1920;

export type Place = { readonly indices: readonly [number] } | { readonly times: readonly [number] };

interface Picture {
  readonly mode: Mode;
  /** undefined: the one that is decoded where nobody chooses. */
  readonly streamIndex: number | undefined;
  readonly place: Place;
  readonly encode: EncodeOptions;
}

/** One version of the file, with its decoders. */
interface Opened {
  readonly media: Media;
  readonly decoders: Map<string, Promise<VideoDecoder>>;
  /** As far as that can be told beforehand. */
  readonly identity: string | undefined;
  /** Something was not as it was when it was opened. */
  isChanged: boolean;
}

/** What the page shows of a file; decoders are opened when they are first asked for. Everything throws as the library does. */
export class ViewedFile {
  readonly #pool: DecoderPool;
  readonly #input: Input;
  #opened: Opened;
  #opening = 1;
  /** One at a time: two pages that are loaded at once see the same version. */
  #renewal: Promise<void> = Promise.resolve();

  static async open(pool: DecoderPool, input: Input, signal: AbortSignal): Promise<ViewedFile> {
    return new ViewedFile(pool, input, await opened(pool, input, signal));
  }

  private constructor(pool: DecoderPool, input: Input, first: Opened) {
    this.#pool = pool;
    this.#input = input;
    this.#opened = first;
  }

  /** Of what is there now: a file that was replaced is opened anew. */
  async facts(signal: AbortSignal): Promise<FileFacts> {
    const renewal = this.#renewal.then(() => this.#renew(signal));
    this.#renewal = renewal.catch(() => undefined);
    await renewal;
    const { container } = this.#opened.media;
    const streams = this.#videos().map((stream) => ({ streamIndex: stream.index, label: labelOf(stream) }));
    const { name, stem } = this.#input;
    return { opening: this.#opening, name, stem, container, streams };
  }

  /** Throws E_SOURCE_CHANGED where another version of the file is open than somebody means. */
  expect(opening: number | undefined): void {
    if (opening === undefined || opening === this.#opening) return;
    throw new FramepoolError("E_SOURCE_CHANGED", "the file was replaced, and opened anew by another page");
  }

  async video(streamIndex: number | undefined, mode: Mode): Promise<VideoFacts> {
    return await this.#noting(async () => (await this.#decoder(streamIndex, mode, false)).metadata);
  }

  /** Throws E_METADATA where there is no index of packets. */
  async packets(streamIndex: number | undefined, signal: AbortSignal): Promise<PacketColumns> {
    return await this.#noting(() => this.#packets(streamIndex, signal));
  }

  async picture({ streamIndex, mode, place, encode }: Picture, signal: AbortSignal): Promise<EncodedImage | undefined> {
    return await this.#noting(async () => {
      // A picture to be kept has all of its pixels.
      const video = await this.#decoder(streamIndex, mode, encode.format !== "png");
      for await (const image of video.getImages(place, { encode, signal })) return image;
      return undefined;
    });
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { media, identity, isChanged } = this.#opened;
    if (!isChanged && (await identityOf(this.#input)) === identity) return;
    this.#opened = await opened(this.#pool, this.#input, signal);
    this.#opening++;
    await media.close();
  }

  /** Remembers that the file is another one by now. */
  async #noting<T>(work: () => Promise<T>): Promise<T> {
    const at = this.#opened;
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) === "E_SOURCE_CHANGED") at.isChanged = true;
      throw error;
    }
  }

  async #packets(streamIndex: number | undefined, signal: AbortSignal): Promise<PacketColumns> {
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

  /** One that could not be opened is tried again when it is asked for again. */
  #decoder(streamIndex: number | undefined, seekMode: Mode, isShown: boolean): Promise<VideoDecoder> {
    const key = [streamIndex, seekMode, isShown].join();
    const { media, decoders } = this.#opened;
    const known = decoders.get(key);
    if (known !== undefined) return known;
    const stream = streamIndex === undefined ? {} : { streamIndex };
    const video = (isShown ? this.#shown(streamIndex, seekMode) : Promise.resolve(asPlayed)).then((done) =>
      media.video({ ...stream, seekMode, transforms: done }),
    );
    video.catch(() => decoders.delete(key));
    decoders.set(key, video);
    return video;
  }

  async #shown(streamIndex: number | undefined, mode: Mode): Promise<readonly Transform[]> {
    const { width, height, pixelAspectRatio } = (await this.#decoder(streamIndex, mode, false)).metadata;
    const ratio = pixelAspectRatio === null ? 1 : pixelAspectRatio.num / pixelAspectRatio.den;
    const longest = Math.max(width * Math.max(ratio, 1), height / Math.min(ratio, 1));
    return longest > longestShown ? [...asPlayed, transforms.resize({ longest: longestShown })] : asPlayed;
  }

  #videos(): VideoStreamDescription[] {
    return this.#opened.media.streams.filter((stream) => stream.kind === "video");
  }
}

async function opened(pool: DecoderPool, input: Input, signal: AbortSignal): Promise<Opened> {
  // Of before: a file that is replaced meanwhile is then another one.
  const identity = await identityOf(input);
  return { media: await pool.open(input.source, { signal }), decoders: new Map(), identity, isChanged: false };
}

function labelOf({ index, codec, width, height, isCover, language, title }: VideoStreamDescription): string {
  const size = width === null || height === null ? "" : `, ${String(width)}x${String(height)}`;
  const notes = [isCover ? "cover" : null, language, title].filter((note) => note !== null);
  return `${String(index)}: ${codec ?? "unknown"}${size}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}
