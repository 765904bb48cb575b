import type { AudioSettings } from "../audio/options.js";
import { mediaClosed } from "../errors.js";
import type { MediaHost } from "../pool-host.js";
import type { MediaInfo } from "../protocol/media.js";
import type { DecoderSettings } from "../video/options.js";
import { ConnectedAudio } from "./connected-audio.js";
import { ConnectedThing } from "./connected-thing.js";
import { ConnectedVideo } from "./connected-video.js";
import type { Connection } from "./connection.js";
import type { HeldMedia, WireMedia } from "./service.js";

/** A file that a pool of another thread has open. */
export class ConnectedMedia implements MediaHost {
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
