import {
  type NativeOptions,
  type NativeOutput,
  type NativeReader,
  type NativeSource,
  binding,
} from "../native/addon.js";
import { FramepoolError } from "../src/errors.js";
import { FrameIndex, at } from "../src/protocol/frame-index.js";
import {
  type DecodeJob,
  type DecodeResult,
  type DecodeTimesJob,
  type DecodeTimesResult,
  type Envelope,
  type ExtractJob,
  type ExtractResult,
  type Job,
  type JobBase,
  type OnError,
  type OpenJob,
  type OpenResult,
  onErrorCodes,
} from "../src/protocol/job.js";
import {
  type OutputSpec,
  bufferBytes,
  dimensionOrderCodes,
  dtypeCodes,
  outputSpec,
  pixelFormatCodes,
} from "../src/protocol/output.js";
import { select } from "../src/protocol/selection.js";
import { SourceReadError, beginReads, emptyInput, readFailure, readFromChannel } from "./channel-reads.js";
import { fromOneVersion, sourceChanged } from "./file-version.js";
import { type OpenReader, ReaderCache } from "./reader-cache.js";

/** A frame of the current job, for the error that names it. */
export class FrameFailure extends Error {
  readonly frame: { index: number; ptsSeconds: number };

  constructor(frame: { index: number; ptsSeconds: number }, cause: unknown) {
    super("a frame cannot be decoded", { cause });
    this.frame = frame;
  }
}

const cache = new ReaderCache();

/** Does a job. `useReader` is told which reader does it as soon as there is one, for its log. */
export function runJob(envelope: Envelope, useReader: (reader: NativeReader) => void): unknown {
  const { job } = envelope;
  if (job.kind === "drop") {
    for (const key of job.readerKeys) cache.drop(key);
    return undefined;
  }
  const { source } = job;
  if (source.kind === "memory") return read(job, envelope, useReader);
  if (source.kind === "channel") return readRemote(job, envelope, useReader);
  let identity = source.identity ?? null;
  const noteReader = (reader: NativeReader): void => {
    identity ??= reader.identity();
    useReader(reader);
  };
  return fromOneVersion(
    source,
    () => identity,
    () => read(job, envelope, noteReader),
  );
}

/** FFmpeg may take a failed read for the end of the file, or for damage: it is neither. */
function readRemote(job: ReadingJob, envelope: Envelope, useReader: (reader: NativeReader) => void): unknown {
  let result: unknown;
  try {
    result = read(job, envelope, useReader);
  } catch (error) {
    throw sourceFailed(job) ?? error;
  }
  const failed = sourceFailed(job);
  if (failed !== undefined) throw failed;
  return result;
}

function sourceFailed({ readerKey }: ReadingJob): SourceReadError | undefined {
  const failure = readFailure();
  if (failure === undefined) return undefined;
  // What FFmpeg has buffered, and taken for the end, would still be there in the next job.
  if (readerKey !== undefined) cache.drop(readerKey);
  return new SourceReadError(failure);
}

type ReadingJob = Exclude<Job, { kind: "drop" }>;

function read(job: ReadingJob, envelope: Envelope, useReader: (reader: NativeReader) => void): unknown {
  switch (job.kind) {
    case "open":
      return withReader(job, envelope, useReader, (entry) => open(job, entry));
    case "decode":
      return withReader(job, envelope, useReader, (entry) => decode(job, entry));
    case "decodeTimes":
      return withReader(job, envelope, useReader, (entry) => decodeTimes(job, entry));
    case "extract":
      return withReader(job, envelope, useReader, (entry) => extract(job, entry));
  }
}

function withReader<T>(
  job: ReadingJob,
  envelope: Envelope,
  useReader: (reader: NativeReader) => void,
  body: (entry: OpenReader) => T,
): T {
  const { readerKey } = job;
  const cached = readerKey === undefined ? undefined : cache.get(readerKey);
  const source = nativeSource(job, envelope);
  cached?.reader.begin(envelope.flags, envelope.slot, envelope.ticket, envelope.keepLog);
  if ("read" in source) cached?.reader.supply(source);
  const entry = cached ?? openReader(job, source, envelope);
  useReader(entry.reader);
  if (cached === undefined && readerKey !== undefined) cache.add(readerKey, entry, envelope.cache);
  try {
    return body(entry);
  } finally {
    if (readerKey === undefined) entry.reader.close();
    else if ("read" in source) entry.reader.supply(emptyInput());
  }
}

function nativeSource(job: JobBase, envelope: Envelope): NativeSource {
  const { source } = job;
  switch (source.kind) {
    case "file":
      return { path: source.path };
    case "descriptor":
      return { descriptor: source.descriptor };
    case "memory":
      return { bytes: new Uint8Array(source.buffer, source.offset, source.length) };
    case "channel":
      return { size: source.size, read: readFromChannel, ...beginReads(source, job, envelope) };
  }
}

function openReader({ source, open }: JobBase, native: NativeSource, envelope: Envelope): OpenReader {
  const options: NativeOptions = open;
  const { MediaReader } = binding();
  const reader = new MediaReader(native, options, envelope.flags, envelope.slot, envelope.ticket, envelope.keepLog);
  const expected = "identity" in source ? source.identity : undefined;
  if (expected !== undefined && reader.identity() !== expected) {
    reader.close();
    throw sourceChanged();
  }
  return { reader, info: reader.info(), index: undefined };
}

function open(job: OpenJob, entry: OpenReader): OpenResult {
  const wanted = job.wantIndex === "exact" || entry.info.indexIsCheap;
  const index = wanted ? (job.index ?? entry.index ?? buildIndex(entry.reader)) : undefined;
  if (index !== undefined) useIndex(entry, index);
  return { info: entry.info, index };
}

function buildIndex(reader: NativeReader): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(reader.buildIndex());
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
  return decodeRows(entry, job.index, job);
}

interface OutputRows {
  readonly rows: Int32Array;
  readonly output: SharedArrayBuffer;
  readonly spec: OutputSpec;
  readonly threads: number;
}

interface RowRequest extends OutputRows {
  readonly targets: Int32Array;
  readonly onError: OnError;
  readonly moreFollows: boolean;
}

function decodeRows(entry: OpenReader, index: SharedArrayBuffer, request: RowRequest): DecodeResult {
  const { targets } = request;
  const status = new Uint8Array(targets.length);
  const delivered = new Int32Array(targets.length);
  try {
    entry.reader.decode({
      targets,
      status,
      delivered,
      onError: onErrorCodes[request.onError],
      moreFollows: request.moreFollows,
      ...nativeOutput(request),
    });
  } catch (error) {
    const failed = status.indexOf(skippedCode);
    const frame = targets[failed];
    if (frame === undefined) throw error;
    const { pts } = new FrameIndex(index, entry.info.timeBase);
    throw new FrameFailure({ index: frame, ptsSeconds: at(pts, frame) }, error);
  }
  return { status, delivered };
}

const skippedCode = 3;

function nativeOutput({ rows, output, spec, threads }: OutputRows): NativeOutput {
  return {
    threads,
    rows,
    output: new Uint8Array(output),
    format: pixelFormatCodes[spec.pixelFormat],
    type: dtypeCodes[spec.dtype],
    layout: dimensionOrderCodes[spec.dimensionOrder],
    width: spec.width,
    height: spec.height,
    frameBytes: spec.frameBytes,
  };
}

function decodeTimes(job: DecodeTimesJob, entry: OpenReader): DecodeTimesResult {
  const pts = new BigInt64Array(job.targets.length);
  const duration = new BigInt64Array(job.targets.length);
  entry.reader.decodeTimes({ targets: job.targets, pts, duration, ...nativeOutput(job) });
  return { pts, duration };
}

function extract(job: ExtractJob, entry: OpenReader): ExtractResult {
  const buffer = entry.index ?? buildIndex(entry.reader);
  useIndex(entry, buffer);
  const index = new FrameIndex(buffer, entry.info.timeBase);
  const indices = select(index, job.selection);
  const { pixelFormat, dtype, dimensionOrder } = job.request;
  const spec = outputSpec(entry.info, pixelFormat, dtype, dimensionOrder);
  const bytes = indices.length * spec.frameBytes;
  if (bytes > job.maxOutputBytes) throw outputTooLarge(indices.length, bytes, job.maxOutputBytes);
  const usedOffered = job.output !== undefined && job.output.byteLength >= bytes;
  const output = usedOffered ? job.output : new SharedArrayBuffer(bufferBytes(bytes));
  const rows = Int32Array.from(indices, (_, i) => i).sort((a, b) => at(indices, a) - at(indices, b));
  const targets = rows.map((row) => at(indices, row));
  const { onError, threads } = job;
  const decoded = decodeRows(entry, buffer, { targets, rows, output, spec, threads, onError, moreFollows: false });
  const status = new Uint8Array(indices.length);
  rows.forEach((row, i) => {
    status[row] = at(decoded.status, i);
    indices[row] = at(decoded.delivered, i);
  });
  return {
    info: entry.info,
    content: index.summary(),
    output,
    usedOffered,
    spec,
    indices,
    ptsSeconds: Float64Array.from(indices, (frame) => at(index.pts, frame)),
    durationSeconds: Float64Array.from(indices, (frame) => at(index.duration, frame)),
    status,
  };
}

function outputTooLarge(frames: number, bytes: number, limit: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `${String(frames)} frames need ${String(bytes)} bytes, over the limit of ${String(limit)} (limits.maxOutputBytes): ask for fewer at a time`,
  );
}
