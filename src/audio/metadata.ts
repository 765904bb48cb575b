import type { AudioInfo } from "../protocol/audio.js";
import type { Ratio } from "../protocol/stream-info.js";

/**
 * What is known of an audio stream; torchcodec's fields in camelCase, and a few more. Times in seconds; null where the file
 * does not say. It describes the stream: what `sampleRate` and `numChannels` of the options make of it is in the samples.
 */
export interface AudioStreamMetadata {
  /** FFmpeg's name of the codec: "aac". */
  readonly codec: string;
  /** Samples a second of each channel. */
  readonly sampleRate: number;
  /** Channels of the stream. */
  readonly numChannels: number;
  /** FFmpeg's name: "stereo", "5.1(side)". */
  readonly channelLayout: string | null;
  /** FFmpeg's name of what the decoder gives: "fltp", "s16". Samples are given out as float32 whatever it is. */
  readonly sampleFormat: string | null;
  /** The header's, or the container's where the stream has none of its own. */
  readonly durationSeconds: number | null;
  /** What the container states of the stream. */
  readonly durationSecondsFromHeader: number | null;
  /** The header's, or the first sample's where it does not say. */
  readonly beginStreamSeconds: number;
  /** What the container states of the stream. */
  readonly beginStreamSecondsFromHeader: number | null;
  /** `beginStreamSeconds` and `durationSeconds` together, exclusive. */
  readonly endStreamSeconds: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  /** Among all streams of the file, from 0. */
  readonly streamIndex: number;
  /** FFmpeg's name of the container format: "wav". */
  readonly container: string;
  /** What the container states of all streams together. */
  readonly containerDurationSeconds: number | null;
  /** Seconds in a tick of the stream's own times. */
  readonly timeBase: Ratio;
}

export function audioMetadata(info: AudioInfo): AudioStreamMetadata {
  const begin = info.beginSeconds ?? info.firstSeconds;
  const duration = info.durationSeconds ?? info.containerDurationSeconds;
  return {
    codec: info.codec,
    sampleRate: info.sampleRate,
    numChannels: info.numChannels,
    channelLayout: info.channelLayout,
    sampleFormat: info.sampleFormat,
    durationSeconds: duration,
    durationSecondsFromHeader: info.durationSeconds,
    beginStreamSeconds: begin,
    beginStreamSecondsFromHeader: info.beginSeconds,
    endStreamSeconds: duration === null ? null : begin + duration,
    bitRate: info.bitRate,
    streamIndex: info.streamIndex,
    container: info.container,
    containerDurationSeconds: info.containerDurationSeconds,
    timeBase: info.timeBase,
  };
}
