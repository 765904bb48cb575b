import type { Lease } from "../pool/output-memory.js";
import type { Underway } from "../threads/task.js";
import type { AudioClipsResult, AudioOpenSpec } from "../protocol/audio.js";
import { type AudioSampler, clipsPerSound, samplesPerClip } from "../protocol/audio-clip-plan.js";
import { AudioClipBatch } from "./audio-clip-batch.js";
import type { BatchClip, ClipKind, ClipLayout, ClipRequest } from "./clip-kind.js";

/** Clips of sound: all of one size, so that they are their own layout. */
export class AudioClips<K>
  implements ClipKind<AudioClipsResult, AudioClipBatch<K>>, ClipLayout<AudioClipsResult, AudioClipBatch<K>>
{
  readonly openKey: string;
  readonly clipsPerItem: number | undefined;
  readonly clipBytes: number;
  readonly layout = this;
  readonly #open: AudioOpenSpec;
  readonly #sampler: AudioSampler;
  readonly #clipShape: readonly [channels: number, samples: number];

  /** `open` says rate and channels. */
  constructor(open: AudioOpenSpec, sampler: AudioSampler) {
    this.openKey = `audio${JSON.stringify(open)}`;
    this.clipsPerItem = clipsPerSound(sampler);
    this.#open = open;
    this.#sampler = sampler;
    this.#clipShape = [open.numChannels, samplesPerClip(sampler, open.sampleRate)];
    this.clipBytes = this.#clipShape[0] * this.#clipShape[1] * Float32Array.BYTES_PER_ELEMENT;
  }

  layoutOf(): this {
    return this;
  }

  countOf({ numSamples }: AudioClipsResult): number {
    return numSamples.length;
  }

  decode({ source, work, signal }: ClipRequest): Underway<AudioClipsResult> {
    return source.decodeSound({ kind: "audioClips", ...work, open: this.#open, sampler: this.#sampler }, signal);
  }

  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<AudioClipsResult>[]): AudioClipBatch<K> {
    return new AudioClipBatch(memory, offset, {
      shape: [clips.length, ...this.#clipShape],
      sampleRate: this.#open.sampleRate,
      keys: clips.map(({ key }) => key as K),
      ptsSeconds: Float64Array.from(clips, ({ clips: item, clip }) => item.ptsSeconds[clip] ?? NaN),
      numSamples: Int32Array.from(clips, ({ clips: item, clip }) => item.numSamples[clip] ?? 0),
    });
  }
}
