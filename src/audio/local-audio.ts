import { decoderClosed } from "../errors.js";
import type { AudioInfo, SampleRange } from "../protocol/audio.js";
import { decodeRange } from "./decode-range.js";
import type { AudioHost, DecodedSamples } from "./host.js";
import type { OpenAudio } from "./open-audio.js";
import { streamSamples } from "./sample-stream.js";

/** A sound stream on a pool of this thread's own. */
export class LocalAudio implements AudioHost {
  readonly info: AudioInfo;
  readonly label: string;
  readonly #audio: OpenAudio;

  constructor(audio: OpenAudio) {
    this.info = audio.info;
    this.label = audio.label;
    this.#audio = audio;
  }

  async decode(range: SampleRange, signal: AbortSignal | undefined): Promise<DecodedSamples> {
    return await decodeRange(this.#audio, range, signal);
  }

  stream(length: number, signal: AbortSignal | undefined): AsyncGenerator<DecodedSamples, void, undefined> {
    return streamSamples(this.#audio, length, signal);
  }

  async close(): Promise<void> {
    const { closing, label } = this.#audio;
    closing.abort(decoderClosed(label));
    await this.#audio.release();
  }
}
