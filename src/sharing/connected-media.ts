import { LinkedAbort } from "../async/abort.js";
import type { AudioSettings } from "../audio/options.js";
import { mediaClosed } from "../errors.js";
import type { MediaHost } from "../pool-host.js";
import type { MediaInfo } from "../protocol/media.js";
import type { DecoderSettings } from "../video/options.js";
import { RemoteAudio } from "./connected-audio.js";
import { RemoteVideo } from "./connected-video.js";
import type { Connection, Service } from "./connection.js";
import type { HeldMedia, WireMedia } from "./service.js";
import type { Answer } from "./wire-failure.js";

/** A file that a pool of another thread has open. */
export class RemoteMedia implements MediaHost {
  readonly info: MediaInfo;
  readonly label: string;
  readonly #connection: Connection;
  readonly #number: number;
  /** Aborted with E_CLOSED when it is closed, and its decoders with it. */
  readonly #closing = new AbortController();

  constructor(connection: Connection, number: number, { info, label }: WireMedia) {
    this.info = info;
    this.label = label;
    this.#connection = connection;
    this.#number = number;
  }

  async openVideo(settings: DecoderSettings, signal: AbortSignal | undefined): Promise<RemoteVideo> {
    const { number, value } = await this.#ask(signal, (service, number, media) =>
      service.openVideo(number, media, settings),
    );
    return new RemoteVideo(this.#connection, number, value, this.#closing.signal);
  }

  async openAudio(settings: AudioSettings, signal: AbortSignal | undefined): Promise<RemoteAudio> {
    const { number, value } = await this.#ask(signal, (service, number, media) =>
      service.openAudio(number, media, settings),
    );
    return new RemoteAudio(this.#connection, number, value, this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(mediaClosed(this.label));
    await this.#connection.dropped(this.#number);
  }

  async #ask<T>(
    signal: AbortSignal | undefined,
    send: (service: Service, number: number, media: HeldMedia) => Promise<Answer<T>>,
  ): Promise<{ readonly number: number; readonly value: T }> {
    const linked = new LinkedAbort(this.#closing.signal, signal);
    try {
      const media = { kind: "media", media: this.#number } as const;
      return await this.#connection.ask(linked.signal, (service, number) => send(service, number, media));
    } finally {
      linked.unlink();
    }
  }
}
