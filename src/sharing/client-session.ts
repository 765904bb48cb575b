// What a command gives its client, and what becomes of it when that is done with it.
import type { AudioHost, DecodedSamples } from "../audio/host.js";
import type { AudioSettings } from "../audio/options.js";
import type { MediaHost, PoolHost } from "../pool-host.js";
import type { ClipSource, ClipSourceOptions, ClipsWork, FrameClipsWork, SoundClipsWork } from "../pool/clip-host.js";
import type { Lease } from "../pool/output-memory.js";
import type { AudioClipsResult, SampleRange } from "../protocol/audio.js";
import { countSharedMemory } from "../protocol/output-buffer.js";
import { memoryOfImages } from "../protocol/image-jobs.js";
import type { Encoding } from "../protocol/image.js";
import type { ClipsResult, NeedsRoom, PacketRows } from "../protocol/video.js";
import type { Underway } from "../threads/task.js";
import type { Decoded } from "../video/frame-request.js";
import type { ExtractedImages, VideoHost } from "../video/host.js";
import type { ImageRows } from "../video/images/encoded-image.js";
import type { DecoderSettings } from "../video/options.js";
import type { ClientSources } from "./client-sources.js";
import { Commands, type End, type Outcome, held } from "./commands.js";
import type {
  HeldMedia,
  WireAudio,
  WireClipFacts,
  WireClipSource,
  WireExtracted,
  WireFrames,
  WireLeased,
  WireMedia,
  WireRequest,
  WireSamples,
  WireVideo,
} from "./wire-values.js";
import type { Answer } from "./wire-failure.js";
import type { WireSource } from "./wire-source.js";

type Pieces<T> = AsyncGenerator<T, void, undefined>;

/**
 * The pool as one client sees it, in the thread that owns the pool: the commands that the client sends. It numbers what it begins; what
 * came of that (an open video, frames under way, leased memory) is held here under that number until the client drops it. Dropping what
 * is still under way cancels it, so a client that stops waiting never has to know how far it came.
 */
export class Session {
  readonly #host: PoolHost;
  readonly #sources: ClientSources;
  readonly #commands: Commands;
  readonly #media = new Map<number, MediaHost>();
  readonly #videos = new Map<number, VideoHost>();
  readonly #audios = new Map<number, AudioHost>();
  readonly #frames = new Map<number, Pieces<Decoded>>();
  readonly #images = new Map<number, Pieces<ImageRows>>();
  readonly #packets = new Map<number, Pieces<PacketRows>>();
  readonly #samples = new Map<number, Pieces<DecodedSamples>>();
  readonly #clips = new Map<number, ClipSource>();

  constructor(host: PoolHost, sources: ClientSources) {
    this.#host = host;
    this.#sources = sources;
    this.#commands = new Commands((error) => sources.errors.toWire(error));
  }

  workers(): number {
    return this.#host.workers;
  }

  async openMedia(number: number, source: WireSource, readTimeoutMs: number): Promise<Answer<WireMedia>> {
    return await this.#commands.answer(number, async (signal) => {
      const media = await this.#sources.use(source, (known) => this.#host.openMedia(known, readTimeoutMs, signal));
      const { info, label } = media;
      return { value: { info, label }, end: hold(this.#media, number, media, () => media.close()) };
    });
  }

  async openVideo(
    number: number,
    source: WireSource | HeldMedia,
    settings: DecoderSettings,
  ): Promise<Answer<WireVideo>> {
    return await this.#commands.answer(number, async (signal) => {
      const video =
        source.kind === "media"
          ? await opened(this.#media, source.media).openVideo(settings, signal)
          : await this.#sources.use(source, (known) => this.#host.openVideo(known, settings, signal));
      const { metadata, label, index } = video;
      return {
        value: { metadata, label, index: index?.buffer },
        end: hold(this.#videos, number, video, () => video.close()),
      };
    });
  }

  async decode(number: number, video: number, wanted: Int32Array): Promise<Answer<WireFrames>> {
    return await this.#commands.answer(number, async (signal) =>
      leasedOutcome(await opened(this.#videos, video).decode(wanted, signal)),
    );
  }

  async saveIndex(number: number, video: number): Promise<Answer<Uint8Array<ArrayBuffer>>> {
    return await this.#commands.answer(number, async (signal) => ({
      value: await opened(this.#videos, video).saveIndex(signal),
    }));
  }

  startFrames(number: number, video: number, wanted: Int32Array, size: number | undefined): void {
    this.#start(number, this.#frames, (signal) => this.#videos.get(video)?.frames(wanted, size, signal));
  }

  async nextFrames(number: number, frames: number): Promise<Answer<WireFrames | undefined>> {
    return await this.#next(number, this.#frames, frames, leasedOutcome);
  }

  startImages(number: number, video: number, wanted: Int32Array, encoding: Encoding): void {
    this.#start(number, this.#images, (signal) => this.#videos.get(video)?.images(wanted, encoding, signal));
  }

  async nextImages(number: number, images: number): Promise<Answer<ImageRows | undefined>> {
    return await this.#next(number, this.#images, images, (value) => ({ value, moved: memoryOfImages(value.images) }));
  }

  startPackets(number: number, video: number, wanted: Int32Array): void {
    this.#start(number, this.#packets, (signal) => this.#videos.get(video)?.packets(wanted, signal));
  }

  async nextPackets(number: number, packets: number): Promise<Answer<PacketRows | undefined>> {
    return await this.#next(number, this.#packets, packets, (value) => ({ value, moved: memoryOfImages(value.data) }));
  }

  async openAudio(number: number, source: WireSource | HeldMedia, settings: AudioSettings): Promise<Answer<WireAudio>> {
    return await this.#commands.answer(number, async (signal) => {
      const audio =
        source.kind === "media"
          ? await opened(this.#media, source.media).openAudio(settings, signal)
          : await this.#sources.use(source, (known) => this.#host.openAudio(known, settings, signal));
      const { info, label } = audio;
      return { value: { info, label }, end: hold(this.#audios, number, audio, () => audio.close()) };
    });
  }

  async decodeRange(number: number, audio: number, range: SampleRange): Promise<Answer<WireSamples>> {
    return await this.#commands.answer(number, async (signal) =>
      leasedOutcome(await opened(this.#audios, audio).decode(range, signal)),
    );
  }

  startSamples(number: number, audio: number, length: number): void {
    this.#start(number, this.#samples, (signal) => this.#audios.get(audio)?.samples(length, signal));
  }

  async nextSamples(number: number, samples: number): Promise<Answer<WireSamples | undefined>> {
    return await this.#next(number, this.#samples, samples, leasedOutcome);
  }

  /** That the pool decodes ahead at most. */
  async aheadBytes(number: number): Promise<Answer<number>> {
    return await this.#commands.answer(number, async (signal) => {
      const { most } = await this.#host.ahead(signal);
      return { value: most };
    });
  }

  async extract(
    number: number,
    { source, ...request }: WireRequest,
    settings: DecoderSettings,
  ): Promise<Answer<WireExtracted | NeedsRoom>> {
    return await this.#commands.answer<WireExtracted | NeedsRoom>(number, async (signal) => {
      const extracted = await this.#sources.use(source, (known) =>
        this.#host.extract({ ...request, source: known }, settings, signal),
      );
      if ("needs" in extracted) return { value: extracted };
      const { decoded, ...facts } = extracted;
      const { value: frames, end } = leasedOutcome(decoded);
      return { value: { ...facts, frames }, end };
    });
  }

  async extractImages(
    number: number,
    { source, ...request }: WireRequest,
    settings: DecoderSettings,
    encoding: Encoding,
  ): Promise<Answer<ExtractedImages | NeedsRoom>> {
    return await this.#commands.answer<ExtractedImages | NeedsRoom>(number, async (signal) => {
      const value = await this.#sources.use(source, (known) =>
        this.#host.extractImages({ ...request, source: known }, settings, encoding, signal),
      );
      return "needs" in value ? { value } : { value, moved: memoryOfImages(value.encoded.images) };
    });
  }

  async clipFacts(number: number): Promise<Answer<WireClipFacts>> {
    return await this.#commands.answer(number, async (signal) => {
      const { workers, limits, memory } = await this.#host.clips(signal);
      return { value: { workers, limits, freeBytes: memory.budget } };
    });
  }

  async openClips(number: number, source: WireSource, options: ClipSourceOptions): Promise<Answer<WireClipSource>> {
    return await this.#commands.answer(number, async (signal) => {
      const host = await this.#host.clips(signal);
      const clips = await this.#sources.use(source, (known) => host.open(known, options, signal));
      return { value: { isRemote: clips.isRemote }, end: hold(this.#clips, number, clips, () => clips.release()) };
    });
  }

  async decodeFrameClips(number: number, source: number, work: FrameClipsWork): Promise<Answer<ClipsResult>> {
    return await this.#commands.answer(number, async (signal) =>
      clipsOutcome(work, opened(this.#clips, source).decodeFrames(work, signal)),
    );
  }

  async decodeSoundClips(number: number, source: number, work: SoundClipsWork): Promise<Answer<AudioClipsResult>> {
    return await this.#commands.answer(number, async (signal) =>
      clipsOutcome(work, opened(this.#clips, source).decodeSound(work, signal)),
    );
  }

  async drop(number: number): Promise<void> {
    await this.#commands.end(number, false);
  }

  /** Memory that somebody may still look at: let go of, never used again. */
  abandon(number: number): void {
    void this.#commands.end(number, true);
  }

  /** Drops everything; memory is abandoned. */
  async end(): Promise<void> {
    await this.#commands.endAll();
  }

  /** The next piece; undefined after the last. */
  async #next<T, W>(
    number: number,
    begun: ReadonlyMap<number, Pieces<T>>,
    pieces: number,
    outcome: (value: T) => Outcome<W>,
  ): Promise<Answer<W | undefined>> {
    return await this.#commands.answer<W | undefined>(number, async () => {
      const next = await opened(begun, pieces).next();
      return next.done === true ? { value: undefined } : outcome(next.value);
    });
  }

  #start<T>(
    number: number,
    begun: Map<number, Pieces<T>>,
    begin: (signal: AbortSignal) => Pieces<T> | undefined,
  ): void {
    const stop = new AbortController();
    const pieces = begin(stop.signal);
    if (pieces === undefined) return;
    begun.set(number, pieces);
    this.#commands.hold(number, () => {
      begun.delete(number);
      stop.abort();
      // A piece that is being waited for comes first, as an error or as the dropped command's to release.
      void pieces.return();
    });
  }
}

/** Keeps something under the command's number until that is ended, and so is the thing. */
function hold<T>(things: Map<number, T>, number: number, thing: T, end: () => void | Promise<void>): End {
  things.set(number, thing);
  return async () => {
    things.delete(number);
    await end();
  };
}

function opened<T>(decoders: ReadonlyMap<number, T>, number: number): T {
  return held(decoders, number, "the decoder is closed");
}

/** The client has the memory until it gives it back. */
function leasedOutcome<T extends { readonly lease: Lease }>({ lease, ...facts }: T): Outcome<WireLeased<T>> {
  return {
    value: { ...facts, memory: lease.buffer },
    end(abandoned) {
      if (abandoned) lease.abandon();
      else lease.release();
    },
  };
}

/** Once the work is over, also when it was dropped: the client uses its memory again then. */
async function clipsOutcome<T extends { readonly output: SharedArrayBuffer | undefined }>(
  { pieces }: ClipsWork,
  { result, settled }: Underway<T>,
): Promise<Outcome<T>> {
  for (const { output } of pieces ?? []) countSharedMemory(output);
  await Promise.allSettled([result, settled]);
  const value = await result;
  if (value.output !== undefined) countSharedMemory(value.output);
  return { value };
}
