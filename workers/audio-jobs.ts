import { type NativeAudioReader, binding } from "../native/addon.js";
import type {
  AudioClipsJob,
  AudioClipsResult,
  AudioInfo,
  AudioJobBase,
  DecodeAudioJob,
  DecodedRange,
  OpenAudioJob,
} from "../src/protocol/audio.js";
import { countSharedMemory, outputBuffer, roomIn } from "../src/protocol/output-buffer.js";
import type { Envelope } from "../src/protocol/job.js";
import { decodeAudioClips } from "./audio-clips.js";
import { OpenReaders } from "./open-readers.js";
import { learntOf, nativeOptions } from "./reader-source.js";
import { beginning } from "./setup.js";

/** An open sound stream. */
interface OpenAudio {
  readonly reader: NativeAudioReader;
  readonly info: AudioInfo;
}

/** A demuxer's buffers, a decoder's tables, a resampler's filters. */
const bytesOfReader = 4_000_000;
const readers = new OpenReaders<OpenAudio, AudioJobBase>({
  bytesOf: () => bytesOfReader,
  open(job, source, envelope) {
    const { AudioReader } = binding();
    const reader = new AudioReader(source, nativeOptions(job.open), ...beginning(envelope));
    return { reader, info: reader.info() };
  },
});

export function dropAudio(readerKey: string): void {
  readers.drop(readerKey);
}

type UseReader = (reader: NativeAudioReader) => void;

export function openAudio(job: OpenAudioJob, envelope: Envelope, useReader: UseReader): AudioInfo {
  return readers.with(job, envelope, useReader, ({ info }) => info);
}

export function decodeAudio(job: DecodeAudioJob, envelope: Envelope, useReader: UseReader): readonly DecodedRange[] {
  return readers.with(job, envelope, useReader, ({ reader, info }) =>
    job.ranges.map(({ begin, end }, i) => {
      const decoded = reader.decode(begin, end, job.maxOutputBytes);
      const samples = decoded.count * info.outputChannels;
      const bytes = samples * Float32Array.BYTES_PER_ELEMENT;
      const offered = i === 0 ? job.output : undefined;
      const usedOffered = offered !== undefined && roomIn(offered) >= bytes;
      const output = usedOffered ? offered : outputBuffer(bytes);
      countSharedMemory(output);
      reader.take(new Float32Array(output, 0, samples));
      return { ...decoded, output, usedOffered };
    }),
  );
}

export function audioClips(job: AudioClipsJob, envelope: Envelope, useReader: UseReader): AudioClipsResult {
  return readers.with(job, envelope, useReader, ({ reader, info }) => ({
    learnt: learntOf(job, reader, undefined),
    ...decodeAudioClips(job, reader, info),
  }));
}
