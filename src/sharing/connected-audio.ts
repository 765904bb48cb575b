import { decoderClosed } from "../errors.js";
import type { AudioHost, DecodedSamples } from "../audio/host.js";
import type { AudioInfo, SampleRange } from "../protocol/audio.js";
import type { Connection } from "./connection.js";
import { ConnectedThing } from "./connected-thing.js";
import type { WireAudio, WireSamples } from "./service.js";

/** A sound stream that a pool of another thread has open. */
export class ConnectedAudio implements AudioHost {
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
