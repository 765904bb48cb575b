import type { AudioSampler } from "./audio-clip-plan.js";
import type { ItemClips, Learnt } from "./item-clips.js";
import type { JobBase, OpenSpec } from "./job-base.js";
import type { StatedStream } from "./stream-info.js";

/** What the container and the first decoded frame of a sound stream tell; null where they do not. Seconds. */
export interface AudioInfo extends StatedStream {
  readonly sampleFormat: string | null;
  readonly channelLayout: string | null;
  readonly sampleRate: number;
  readonly numChannels: number;
  /** Of the first sample: place 0. */
  readonly firstSeconds: number;
  /** Of what is given out. */
  readonly outputRate: number;
  readonly outputChannels: number;
}

export interface AudioOpenSpec extends OpenSpec {
  /** 0: the stream's own. */
  readonly sampleRate: number;
  /** 0: the stream's own. */
  readonly numChannels: number;
  /** Ranges may be reached by timestamp and pre-roll alone. */
  readonly approximate: boolean;
  /** What cannot be decoded is left out of ranges, which are refused otherwise. */
  readonly skipDamage: boolean;
  /** Places without samples, up to the last one, hold zeros. */
  readonly fillGaps: boolean;
}

export interface AudioJobBase extends JobBase {
  readonly open: AudioOpenSpec;
}

export interface OpenAudioJob extends AudioJobBase {
  readonly kind: "openAudio";
}

/** Half-open, in places: samples at the output rate, counted from the stream's first. */
export interface SampleRange {
  readonly begin: number;
  readonly end: number;
}

/** Decodes ranges, best in ascending order. */
export interface DecodeAudioJob extends AudioJobBase {
  readonly kind: "decodeAudio";
  readonly ranges: readonly SampleRange[];
  /** Bytes of samples in one range. */
  readonly maxOutputBytes: number;
  /** Memory for the first range to use when it is large enough; otherwise the worker makes its own. */
  readonly output: SharedArrayBuffer | undefined;
}

/** Samples of one range: a row for each channel. */
export interface DecodedRange {
  readonly output: SharedArrayBuffer;
  /** The samples are in the memory that came with the job. */
  readonly usedOffered: boolean;
  /** Samples of each channel. */
  readonly count: number;
  /** Place of the first one. */
  readonly begin: number;
  /** Place of the first sample after the range, where there is one. */
  readonly next: number;
  /** The stream ends in the range, or before it. */
  readonly ended: boolean;
  /** Places in the range that cannot be decoded and were left out. */
  readonly skipped: number;
  /** The same from the range's end up to `next`, or the stream's end. */
  readonly skippedBehind: number;
}

/** Opens, draws clips and decodes them to where a batch wants them: one item of a data set. */
export interface AudioClipsJob extends AudioJobBase, ItemClips {
  readonly kind: "audioClips";
  readonly sampler: AudioSampler;
}

export interface AudioClipsResult {
  readonly learnt: Learnt | undefined;
  /** Memory that the worker made: the clips, from the first on. */
  readonly output: SharedArrayBuffer | undefined;
  /** By clip: when its first sample is played. */
  readonly ptsSeconds: Float64Array;
  /** By clip: samples of each channel before the zeros. */
  readonly numSamples: Int32Array;
}

/** Jobs for sound, and what comes of each. */
export interface AudioJobs {
  readonly openAudio: [OpenAudioJob, AudioInfo];
  readonly decodeAudio: [DecodeAudioJob, readonly DecodedRange[]];
  readonly audioClips: [AudioClipsJob, AudioClipsResult];
}

/** A place further than any sample is. */
export const farthestPlace = 2 ** 52;
