import { argumentError } from "../errors.js";
import { type AudioDecoderOptions, audioOpenSpec, audioSettings } from "../audio/options.js";
import type { AudioClipBatch } from "./audio-clip-batch.js";
import { AudioClips } from "./audio-clips.js";
import { type AudioSamplerOptions, audioSampler } from "./audio-sampler.js";
import { Epoch } from "./epoch.js";
import { type ClipLoaderState, Loader, checkState } from "./loader.js";
import { type LoaderOptions, type SamplerSeed, splitOptions } from "./options.js";

export interface AudioClipLoaderOptions<K = number>
  extends LoaderOptions<K>, Omit<AudioDecoderOptions, "seekMode" | "onError" | "signal"> {
  /** How each item's clips are chosen. */
  readonly sampler: AudioSamplerOptions & SamplerSeed;
  /** Samples a second of all clips, 1 to 1000000. */
  readonly sampleRate: number;
  /** Channels of all clips, mixed by FFmpeg's rules, 1 to 64. */
  readonly numChannels: number;
}

/**
 * Batches of clips of sound from many files: what ClipLoader is for pictures, with the same order, seeds, shares, bounds,
 * error policies and states. Samples are those of an AudioDecoder with the same `sampleRate` and `numChannels`. Where a
 * header is wrong about the length, clips are drawn from what is really there.
 *
 * Iterating throws as ClipLoader's does; with onError "throw" an item's own error, E_OUT_OF_RANGE for one that the sampler
 * does not fit among them.
 */
export class AudioClipLoader<K = number> extends Loader<AudioClipBatch<K>> {
  constructor(options: AudioClipLoaderOptions<K>) {
    const { host, common, rest } = splitOptions<K, typeof options>(options);
    const audio = audioSettings(rest);
    const { sampleRate, numChannels } = audio.open;
    if (sampleRate === 0) throw argumentError("options.sampleRate", "that of all clips", rest.sampleRate);
    if (numChannels === 0) throw argumentError("options.numChannels", "that of all clips", rest.numChannels);
    const sampler = audioSampler(options.sampler, sampleRate, ["seed"]);
    const settings = { ...common, readTimeoutMs: audio.readTimeoutMs };
    super(settings, async (start) => {
      const clips = await host.clips(settings.signal);
      return new Epoch(clips, settings, new AudioClips<K>(audioOpenSpec(audio, clips.limits), sampler), start);
    });
  }

  /** As ClipLoader.from. */
  static from<K = number>(state: ClipLoaderState, options: AudioClipLoaderOptions<K>): AudioClipLoader<K> {
    const { seed } = checkState(state);
    return new AudioClipLoader({ ...options, sampler: { ...options.sampler, seed } }).startAt(state);
  }
}
