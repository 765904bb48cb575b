import { type StreamMetadata, streamMetadata } from "../media/stream-metadata.js";
import type { AudioInfo } from "../protocol/audio.js";

/**
 * What is known of an audio stream; torchcodec's fields in camelCase, and a few more. Times in seconds; null where the file
 * does not say. It describes the stream: what `sampleRate` and `numChannels` of the options make of it is in the samples.
 */
export interface AudioStreamMetadata extends StreamMetadata {
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
  /** The header's, or the first sample's where it does not say. */
  readonly beginStreamSeconds: number;
  /** `beginStreamSeconds` and `durationSeconds` together, exclusive. */
  readonly endStreamSeconds: number | null;
}

export function audioMetadata(info: AudioInfo): AudioStreamMetadata {
  const begin = info.beginSeconds ?? info.firstSeconds;
  const duration = info.durationSeconds ?? info.containerDurationSeconds;
  return {
    ...streamMetadata(info),
    sampleRate: info.sampleRate,
    numChannels: info.numChannels,
    channelLayout: info.channelLayout,
    sampleFormat: info.sampleFormat,
    durationSeconds: duration,
    beginStreamSeconds: begin,
    endStreamSeconds: duration === null ? null : begin + duration,
  };
}
