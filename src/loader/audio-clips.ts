import type { Lease } from "../pool/output-memory.js";
import type { Underway } from "../threads/task.js";
import type { AudioClipsResult, AudioOpenSpec } from "../protocol/audio.js";
import { type AudioSampler, clipsPerSound, samplesPerClip } from "../protocol/audio-clip-plan.js";
import { AudioClipBatch } from "./audio-clip-batch.js";
import type { BatchClip, ClipKind, ClipLayout, ClipRequest } from "./clip-kind.js";

/** Clips of sound. */
export class AudioClips<K> implements ClipKind<AudioClipsResult, AudioClipBatch<K>> {
  readonly openKey: string;
  readonly clipsPerItem: number | undefined;
  readonly layout: ClipLayout<AudioClipsResult, AudioClipBatch<K>>;
  readonly #open: AudioOpenSpec;
  readonly #sampler: AudioSampler;

  /** `open` says rate and channels. */
  constructor(open: AudioOpenSpec, sampler: AudioSampler) {
    this.openKey = `audio${JSON.stringify(open)}`;
    this.clipsPerItem = clipsPerSound(sampler);
    this.layout = new AudioLayout(open, sampler);
    this.#open = open;
    this.#sampler = sampler;
  }

  layoutOf(): ClipLayout<AudioClipsResult, AudioClipBatch<K>> {
    return this.layout;
  }

  countOf({ numSamples }: AudioClipsResult): number {
    return numSamples.length;
  }

  decode({ source, work, signal }: ClipRequest): Underway<AudioClipsResult> {
    return source.decodeSound({ kind: "audioClips", ...work, open: this.#open, sampler: this.#sampler }, signal);
  }
}

class AudioLayout<K> implements ClipLayout<AudioClipsResult, AudioClipBatch<K>> {
  readonly clipBytes: number;
  readonly #sampleRate: number;
  readonly #clipShape: readonly [channels: number, samples: number];

  constructor({ sampleRate, numChannels }: AudioOpenSpec, sampler: AudioSampler) {
    const samples = samplesPerClip(sampler, sampleRate);
    this.clipBytes = numChannels * samples * Float32Array.BYTES_PER_ELEMENT;
    this.#sampleRate = sampleRate;
    this.#clipShape = [numChannels, samples];
  }

  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<AudioClipsResult>[]): AudioClipBatch<K> {
    return new AudioClipBatch(memory, offset, {
      shape: [clips.length, ...this.#clipShape],
      sampleRate: this.#sampleRate,
      keys: clips.map(({ key }) => key as K),
      ptsSeconds: Float64Array.from(clips, ({ clips: item, clip }) => item.ptsSeconds[clip] ?? NaN),
      numSamples: Int32Array.from(clips, ({ clips: item, clip }) => item.numSamples[clip] ?? 0),
    });
  }
}
