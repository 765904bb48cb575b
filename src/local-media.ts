import { linkedTo } from "./async/abort.js";
import { decodeRange } from "./audio/decode-range.js";
import type { AudioHost } from "./audio/host.js";
import { type OpenAudio, openAudio } from "./audio/open-audio.js";
import type { AudioSettings } from "./audio/options.js";
import { samplesAhead } from "./audio/samples-ahead.js";
import { decoderClosed, mediaClosed } from "./errors.js";
import type { OpenSource } from "./feed/open-source.js";
import type { MediaHost } from "./pool-host.js";
import { openLimits } from "./pool/options.js";
import type { PoolResources } from "./pool/resources.js";
import type { MediaInfo } from "./protocol/media.js";
import { decodeFrames } from "./video/batch-decoder.js";
import { framesAhead } from "./video/frames-ahead.js";
import { saveIndex } from "./video/given-index.js";
import type { VideoHost } from "./video/host.js";
import { imagesAhead } from "./video/images/images-ahead.js";
import { openVideo } from "./video/open-video.js";
import type { OpenVideo } from "./video/opened-video.js";
import type { DecoderSettings } from "./video/options.js";
import { packetsAhead } from "./video/packets-ahead.js";

/** A video that is open on a pool of this thread's own. */
export function videoHost(video: OpenVideo): VideoHost {
  const { metadata, label, index, mappings } = video;
  return {
    metadata,
    label,
    index: index ?? mappings,
    decode: (wanted, signal) => decodeFrames(video, wanted, signal),
    frames: (wanted, size, signal) => framesAhead(video, wanted, size, signal),
    images: (wanted, encoding, signal) => imagesAhead(video, wanted, encoding, signal),
    packets: (wanted, signal) => packetsAhead(video, wanted, signal),
    saveIndex: (signal) => saveIndex(video, signal),
    close: () => close(video),
  };
}

/** The same of a sound stream. */
export function audioHost(audio: OpenAudio): AudioHost {
  const { info, label } = audio;
  return {
    info,
    label,
    decode: (range, signal) => decodeRange(audio, range, signal),
    samples: (length, signal) => samplesAhead(audio, length, signal),
    close: () => close(audio),
  };
}

async function close({ closing, label, release }: OpenVideo | OpenAudio): Promise<void> {
  closing.abort(decoderClosed(label));
  await release();
}

/** An opened file on a pool of this thread's own: its source, and the decoders that read it. */
export class LocalMedia implements MediaHost {
  readonly info: MediaInfo;
  readonly label: string;
  readonly #resources: PoolResources;
  readonly #source: OpenSource;
  /** The same source for its decoders: none of them is the last to let go of it. */
  readonly #lent: OpenSource;
  /** Of decoders that are open. */
  readonly #decoders = new Set<() => Promise<void>>();
  /** Aborted with E_CLOSED when it is closed. */
  readonly #closing = new AbortController();

  private constructor(resources: PoolResources, source: OpenSource, info: MediaInfo) {
    this.#resources = resources;
    this.#source = source;
    this.#lent = { ...source, release: async () => undefined };
    this.info = info;
    this.label = source.label;
  }

  static async of(resources: PoolResources, source: OpenSource, signal: AbortSignal): Promise<LocalMedia> {
    return new LocalMedia(resources, source, await describe(resources, source, signal));
  }

  async openVideo(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<VideoHost> {
    return await this.#decoder(signal, async (linked) =>
      videoHost(await openVideo(this.#resources, this.#lent, settings, 0, linked)),
    );
  }

  async openAudio(settings: AudioSettings, signal: AbortSignal | undefined): Promise<AudioHost> {
    return await this.#decoder(signal, async (linked) =>
      audioHost(await openAudio(this.#resources, this.#lent, settings, linked)),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort(mediaClosed(this.label));
    await Promise.all([...this.#decoders].map((close) => close()));
    await this.#source.release();
  }

  /** Opens a decoder that is closed by itself or with the file, whichever comes first. */
  async #decoder<T extends VideoHost | AudioHost>(
    signal: AbortSignal | undefined,
    open: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal: closing } = this.#closing;
    return await linkedTo([closing, this.#resources.closing.signal, signal], async (linked) => {
      linked.throwIfAborted();
      const decoder = await open(linked);
      const close = async (): Promise<void> => {
        if (this.#decoders.delete(close)) await decoder.close();
      };
      this.#decoders.add(close);
      if (closing.aborted) await close();
      closing.throwIfAborted();
      return { ...decoder, close };
    });
  }
}

/** What a worker finds in the file. */
async function describe(
  { workers, settings }: PoolResources,
  { ref, label, link }: OpenSource,
  signal: AbortSignal,
): Promise<MediaInfo> {
  const fetched = (await link?.fetchOpening?.(signal)) ?? [];
  const open = { streamIndex: -1, ...openLimits(settings.limits), codecs: [] };
  const { result } = workers.run(
    { kind: "describe", readerKey: undefined, source: ref, open, fetched },
    { label, signal, channel: link?.channel },
  );
  return await result;
}
