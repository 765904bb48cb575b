import { type NativeFile, type NativeReader, binding, loadedVersions } from "../native/addon.js";
import { FramepoolError } from "../src/errors.js";
import { FrameIndex, at } from "../src/protocol/frame-index.js";
import type {
  DecodeJob,
  DecodeResult,
  ClipsJob,
  ClipsResult,
  ExtractJob,
  ExtractBase,
  ExtractResult,
  ExtractedRows,
  IndexedJob,
  MadeIndex,
  NotBegun,
  OpenJob,
  OpenResult,
} from "../src/protocol/video.js";
import type { Envelope, Job } from "../src/protocol/job.js";
import { expectedImageBytes, imageSpec } from "../src/protocol/image.js";
import type { ExtractImagesJob, ExtractImagesResult, MaybeImage } from "../src/protocol/image-jobs.js";
import { outputBuffer, roomIn } from "../src/protocol/output-buffer.js";
import { type OutputSpec, decodingBytes, outputSpec } from "../src/protocol/output.js";
import { IndexedTimes } from "../src/protocol/frame-times.js";
import { type Selected, select } from "../src/protocol/selection.js";
import { indexedRows } from "../src/protocol/rows.js";
import { sorted } from "../src/protocol/sorted.js";
import { audioClips, decodeAudio, dropAudio, openAudio } from "./audio-jobs.js";
import { failingWithReads } from "./channel-reads.js";
import { decodeClips } from "./clips.js";
import { describe } from "./describe.js";
import { encode, encodeFrames, encodeTimes } from "./encode.js";
import { fromOneVersion } from "./file-version.js";
import { identityOf, learntOf, nativeOptions } from "./reader-source.js";
import { type DecodedRows, type FramesRequest, type VideoReader, decodeRows, decodeTimes } from "./native-rows.js";
import { OpenReaders } from "./open-readers.js";
import { decodePass } from "./shared-pass.js";
import { beginning } from "./setup.js";

/** An open reader and what it was told. */
interface OpenReader extends VideoReader {
  /** The index that the native reader uses, by identity of its memory. */
  index: SharedArrayBuffer | undefined;
}

const readers = new OpenReaders<OpenReader, VideoJob>({
  /** A decoder's reference pictures dominate: eight at 1.5 bytes a pixel, twice that above 8 bits; tables and buffers. */
  bytesOf({ info }) {
    const pictureBytes = info.native?.bytes ?? info.codedWidth * info.codedHeight * 1.5;
    return 8 * pictureBytes + 2_000_000;
  },
  open(job, source, envelope) {
    const reader = new (binding().MediaReader)(source, nativeOptions(job.open), ...beginning(envelope));
    return { reader, info: reader.info(), index: undefined };
  },
});

/** Does a job. `useReader` is told which reader does it as soon as there is one, for its log. */
export function runJob(envelope: Envelope, useReader: (reader: NativeFile) => void): unknown {
  const { job } = envelope;
  if (job.kind === "drop") {
    for (const key of job.readerKeys) drop(key);
    return undefined;
  }
  if (job.kind === "versions") return loadedVersions();
  const { source } = job;
  if (source.kind === "memory") return read(job, envelope, useReader);
  if (source.kind === "channel") {
    return failingWithReads(
      () => read(job, envelope, useReader),
      // What FFmpeg has buffered, and taken for the end, would still be there in the next job.
      () => drop(job.readerKey),
    );
  }
  let identity = source.identity ?? null;
  const noteReader = (reader: NativeFile): void => {
    identity ??= identityOf(reader);
    useReader(reader);
  };
  return fromOneVersion(
    source,
    () => identity,
    () => read(job, envelope, noteReader),
  );
}

function drop(readerKey: string | undefined): void {
  if (readerKey === undefined) return;
  readers.drop(readerKey);
  dropAudio(readerKey);
}

type ReadingJob = Exclude<Job, { kind: "drop" | "versions" }>;
type VideoJob = Exclude<ReadingJob, { kind: "describe" | "openAudio" | "decodeAudio" | "audioClips" }>;

function read(job: ReadingJob, envelope: Envelope, useReader: (reader: NativeFile) => void): unknown {
  switch (job.kind) {
    case "describe":
      return describe(job, envelope, useReader);
    case "open":
      return readers.with(job, envelope, useReader, (entry) => open(job, entry));
    case "saveIndex":
      return readers.with(job, envelope, useReader, (entry) => {
        useIndex(entry, job.index);
        return entry.reader.saveIndex();
      });
    case "packets":
      return readers.with(job, envelope, useReader, (entry) => {
        useIndex(entry, job.index);
        return entry.reader.readPackets(job.packets);
      });
    case "decode":
      return readers.with(job, envelope, useReader, (entry) => decode(job, entry));
    case "decodeTimes":
      return readers.with(job, envelope, useReader, (entry) => decodeTimes(job, entry));
    case "encode":
      return readers.with(job, envelope, useReader, (entry) => {
        useIndex(entry, job.index);
        return encode(job, entry);
      });
    case "encodeTimes":
      return readers.with(job, envelope, useReader, (entry) => encodeTimes(job, entry));
    case "extract":
      return readers.with(job, envelope, useReader, (entry) => extract(job, entry));
    case "extractImages":
      return readers.with(job, envelope, useReader, (entry) => extractImages(job, entry));
    case "clips":
      return readers.with(job, envelope, useReader, (entry) => clips(job, entry));
    case "openAudio":
      return openAudio(job, envelope, useReader);
    case "decodeAudio":
      return decodeAudio(job, envelope, useReader);
    case "audioClips":
      return audioClips(job, envelope, useReader);
  }
}

function open(job: OpenJob, entry: OpenReader): OpenResult {
  const { info } = entry;
  const wanted = job.wantIndex === "exact" || (job.wantIndex === "cheap" && info.indexIsCheap);
  if (!wanted) return { info, index: undefined, made: undefined };
  return { info, ...indexed(job, entry, job.index) };
}

/** The stream's index: the reader's, one that is known, or that was saved, or that is made now, which may be wanted to be kept. */
function indexed(
  job: IndexedJob,
  entry: OpenReader,
  known: SharedArrayBuffer | undefined,
): MadeIndex & { readonly index: SharedArrayBuffer } {
  const { reader, info } = entry;
  const there = known ?? entry.index ?? restored(job, reader);
  const index = there ?? buildIndex(reader);
  useIndex(entry, index);
  const made = there === undefined && job.keep && !info.indexIsCheap ? reader.saveIndex() : undefined;
  return { index, made };
}

function restored({ saved }: IndexedJob, reader: NativeReader): SharedArrayBuffer | undefined {
  if (saved === undefined) return undefined;
  try {
    return takeIndex(reader, reader.restoreIndex(saved.bytes));
  } catch (error) {
    if (saved.strict || (error as { readonly code?: unknown }).code !== "E_INDEX") throw error;
    return undefined;
  }
}

/** Throws E_INVALID_DATA. */
function buildIndex(reader: NativeReader): SharedArrayBuffer {
  const index = takeIndex(reader, reader.buildIndex());
  if (FrameIndex.of(index).length > 0) return index;
  throw new FramepoolError("E_INVALID_DATA", "the video stream has no frames");
}

function takeIndex(reader: NativeReader, bytes: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes);
  reader.takeIndex(new Uint8Array(buffer));
  return buffer;
}

/** The same memory may arrive as another object with every message: one is kept, and its size tells versions apart. */
function useIndex(entry: OpenReader, index: SharedArrayBuffer): void {
  if (entry.index !== undefined) return;
  entry.reader.useIndex(new Uint8Array(index));
  entry.index = index;
}

function decode(job: DecodeJob, entry: OpenReader): DecodeResult {
  useIndex(entry, job.index);
  const { targets, spec, threads, onError } = job;
  const { start, lastPacket } = FrameIndex.of(entry.index ?? job.index);
  /** Whether the reader should go on after a piece: what it has decoded ahead is then of use. */
  const goesOn = (end: number): boolean =>
    end === targets.length ? job.moreFollows : at(start, at(targets, end)) <= at(lastPacket, at(targets, end - 1)) + 1;
  const status = new Uint8Array(targets.length);
  const delivered = new Int32Array(targets.length);
  const failures = decodePass(job, entry.reader, ({ begin, end, rows, output }) => {
    const own = targets.subarray(begin, end);
    const moreFollows = goesOn(end);
    const done = decodeRows(entry, job.index, { targets: own, rows, output, spec, threads, onError, moreFollows });
    status.set(done.status, begin);
    delivered.set(done.delivered, begin);
  });
  return { status, delivered, failures };
}

function clips(job: ClipsJob, entry: OpenReader): ClipsResult {
  const isKnown = job.known !== undefined && job.known.identity === identityOf(entry.reader);
  const known = isKnown ? job.known.index : undefined;
  const { index, made } = indexed(job, entry, entry.index ?? known);
  return {
    made,
    learnt: learntOf(job, entry.reader, known === undefined ? index : undefined),
    ...decodeClips(job, entry.info, index, (request) => decodeRows(entry, index, request)),
  };
}

function extract(job: ExtractJob, entry: OpenReader): ExtractResult | NotBegun {
  const spec = outputSpec(entry.info, job.request, job.open.maxPixels);
  const found = selected(job, entry, spec, (frames) => frames * spec.frameBytes);
  if ("needs" in found) return found;
  const { index, indices } = found;
  const bytes = indices.length * spec.frameBytes;
  const usedOffered = job.output !== undefined && roomIn(job.output) >= bytes;
  const output = usedOffered ? job.output : outputBuffer(bytes);
  const { values: targets, positions: rows } = sorted(indices, index.length);
  const request = { ...wholeRequest(job), targets, rows, output, spec };
  return { ...extracted(entry, found, spec, rows, decodeRows(entry, index.buffer, request)), output, usedOffered };
}

function extractImages(job: ExtractImagesJob, entry: OpenReader): ExtractImagesResult | NotBegun {
  const { encoding } = job;
  const spec = imageSpec(entry.info, job.request, job.open.maxPixels, encoding);
  const found = selected(job, entry, spec, (frames) => expectedImageBytes(frames, spec, encoding));
  if ("needs" in found) return found;
  const { index, indices } = found;
  const { values: targets, positions: rows } = sorted(indices, index.length);
  const done = encodeFrames(entry, index.buffer, { ...wholeRequest(job), targets }, { spec, encoding });
  const images = Array.from(indices, (): MaybeImage => undefined);
  rows.forEach((row, i) => (images[row] = done.images[i]));
  return { ...extracted(entry, found, spec, rows, done), images };
}

function wholeRequest({ onError, threads }: ExtractBase): Omit<FramesRequest, "targets"> {
  return { onError, threads, moreFollows: false };
}

interface Found extends Selected, MadeIndex {
  readonly index: FrameIndex;
  readonly needed: number;
}

/** What of the file is wanted, where there is room for it. `bytesOf`: what so many frames take as output. */
function selected(
  job: ExtractJob | ExtractImagesJob,
  entry: OpenReader,
  spec: OutputSpec,
  bytesOf: (frames: number) => number,
): Found | NotBegun {
  const { index: buffer, made } = indexed(job, entry, undefined);
  const index = FrameIndex.of(buffer);
  const chosen = select(new IndexedTimes(index), job.selection);
  const frames = chosen.indices.length;
  const pixelBytes = frames * spec.frameBytes;
  if (pixelBytes > job.maxOutputBytes) throw outputTooLarge(frames, pixelBytes, job.maxOutputBytes);
  const { codedWidth, codedHeight, native } = entry.info;
  const needed = bytesOf(frames) + decodingBytes(codedWidth, codedHeight, native?.bytes);
  return needed > job.room ? { needs: needed, made } : { index, ...chosen, needed, made };
}

function extracted(
  { info }: OpenReader,
  { index, indices, targetSeconds, needed, made }: Found,
  spec: OutputSpec,
  rows: Int32Array,
  decoded: DecodedRows,
): ExtractedRows {
  const status = new Uint8Array(indices.length);
  rows.forEach((row, i) => {
    status[row] = at(decoded.status, i);
    indices[row] = at(decoded.delivered, i);
  });
  const ofRows = indexedRows(index, indices, status, targetSeconds);
  return { needed, made, info, content: index.summary(), spec, rows: ofRows };
}

function outputTooLarge(frames: number, bytes: number, limit: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `${String(frames)} frames need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes): ask for fewer at a time`,
  );
}
