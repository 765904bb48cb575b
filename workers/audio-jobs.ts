import { type NativeAudioReader, type NativeSource, binding } from "../native/addon.js";
import type { AudioInfo, AudioJobBase, DecodeAudioJob, DecodedRange, OpenAudioJob } from "../src/protocol/audio.js";
import type { Envelope } from "../src/protocol/job.js";
import { bufferBytes } from "../src/protocol/output.js";
import { ReaderCache } from "./reader-cache.js";
import { beginAgain, endJob, expectIdentity, nativeSource } from "./reader-source.js";

/** An open sound stream. */
interface OpenAudio {
  readonly reader: NativeAudioReader;
  readonly info: AudioInfo;
}

/** A demuxer's buffers, a decoder's tables, a resampler's filters. */
const bytesOfReader = 4_000_000;
const cache = new ReaderCache<OpenAudio>(() => bytesOfReader);

export function dropAudio(readerKey: string): void {
  cache.drop(readerKey);
}

type UseReader = (reader: NativeAudioReader) => void;

export function openAudio(job: OpenAudioJob, envelope: Envelope, useReader: UseReader): AudioInfo {
  return withReader(job, envelope, useReader, ({ info }) => info);
}

export function decodeAudio(job: DecodeAudioJob, envelope: Envelope, useReader: UseReader): readonly DecodedRange[] {
  return withReader(job, envelope, useReader, ({ reader, info }) =>
    job.ranges.map(({ begin, end }, i) => {
      const decoded = reader.decode(begin, end, job.maxOutputBytes);
      const samples = decoded.count * info.outputChannels;
      const bytes = samples * Float32Array.BYTES_PER_ELEMENT;
      const offered = i === 0 ? job.output : undefined;
      const usedOffered = offered !== undefined && offered.byteLength >= bytes;
      const output = usedOffered ? offered : new SharedArrayBuffer(bufferBytes(bytes));
      reader.take(new Float32Array(output, 0, samples));
      return { ...decoded, output, usedOffered };
    }),
  );
}

function withReader<T>(job: AudioJobBase, envelope: Envelope, useReader: UseReader, body: (entry: OpenAudio) => T): T {
  const { readerKey } = job;
  const cached = readerKey === undefined ? undefined : cache.get(readerKey);
  const source = nativeSource(job, envelope);
  if (cached !== undefined) beginAgain(cached.reader, source, envelope);
  const entry = cached ?? openReader(job, source, envelope);
  useReader(entry.reader);
  if (cached === undefined && readerKey !== undefined) cache.add(readerKey, entry, envelope.cache);
  try {
    return body(entry);
  } finally {
    if (readerKey === undefined) entry.reader.close();
    else endJob(entry.reader, source);
  }
}

function openReader(job: AudioJobBase, source: NativeSource, envelope: Envelope): OpenAudio {
  const { flags, slot, ticket, keepLog } = envelope;
  const { AudioReader } = binding();
  const reader = new AudioReader(source, job.open, flags, slot, ticket, keepLog);
  expectIdentity(reader, job);
  return { reader, info: reader.info() };
}
