import { askedHere, decoderClosed, FramepoolError, withCaller } from "./errors.js";
import { Frame, FrameBatch, Pixels } from "./video/frame.js";
import type { VideoStreamMetadata } from "./video/metadata.js";
import { checkSignal, finite, index as indexOf, integer, knownKeys, numbers, positive } from "./arguments.js";
import type { VideoDecoderOptions } from "./video/options.js";
import type { Decoded } from "./video/frame-request.js";
import { framesOf } from "./video/frame-stream.js";
import type { VideoHost } from "./video/host.js";
import { openVideoOn } from "./pool-host.js";
import { LocalPool } from "./local-pool.js";
import { defaultResources } from "./pool/resources.js";
import { keyFrames, normalizeIndex, toFrames } from "./protocol/selection.js";
import type { MediaSource } from "./sources/media-source.js";
import { Timeline } from "./video/timeline.js";

/** Stops one call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ResampleOptions extends CallOptions {
  /** Frames a second: the frame on screen at each multiple of 1 / fps after the start, repeated or left out as needed. */
  readonly fps?: number | undefined;
}

export interface FramesOptions extends CallOptions {
  /** First frame, inclusive; default 0. Negative numbers count from the end. */
  readonly start?: number | undefined;
  /** Last frame, exclusive; default the number of frames. */
  readonly stop?: number | undefined;
  /** Every how manyth; default 1. */
  readonly step?: number | undefined;
}

/**
 * Frames of one video, decoded by the pool's workers. Frames are numbered in the decoder's output order from 0; times are
 * seconds. Frame i is on screen from its pts until the pts of frame i + 1, the last one until pts + duration.
 *
 * What is asked for at the same time is decoded together: `Promise.all` of many calls costs no more than one call after the
 * other. Each still has its own memory, its own error and its own signal.
 *
 * Every getter rejects with E_OUT_OF_RANGE for frames and times outside the video, E_DECODE for a frame that cannot be
 * decoded, E_LIMIT for more bytes than `limits.maxOutputBytes`, E_CLOSED after close(), E_WORKER_LOST when a worker died,
 * the signal's reason when aborted, and a FramepoolTypeError for misuse.
 */
export class VideoDecoder {
  readonly metadata: VideoStreamMetadata;
  /** Number of frames. */
  readonly length: number;
  readonly #video: VideoHost;
  readonly #timeline: Timeline;
  #closed: Promise<void> | undefined;

  /** @internal Use VideoDecoder.open or DecoderPool.openVideo. */
  constructor(video: VideoHost) {
    this.#video = video;
    this.metadata = video.metadata;
    this.length = video.metadata.numFrames;
    this.#timeline = new Timeline(video.metadata, video.index, video.label);
  }

  /** Opens a video on a shared pool that is made on first use and never keeps the process alive. */
  static async open(source: MediaSource, options: VideoDecoderOptions = {}): Promise<VideoDecoder> {
    return new VideoDecoder(await openVideoOn(new LocalPool(defaultResources()), source, options));
  }

  /** One frame; negative numbers count from the end. */
  async getFrameAt(index: number, options: CallOptions = {}): Promise<Frame> {
    return await this.#single(this.#normal(indexOf("index", index)), options);
  }

  /** Frames in the caller's order, as often as they are asked for. */
  async getFramesAt(indices: Iterable<number>, options: CallOptions = {}): Promise<FrameBatch> {
    const given = numbers("indices", indices, indexOf);
    const frames = this.#timeline.named(() => toFrames(given, (index) => normalizeIndex(index, this.length)));
    return await this.#batch(frames, options);
  }

  /** Frames from `start`, inclusive, to `stop`, exclusive; like a slice, beyond the ends there is nothing. */
  async getFramesInRange(start: number, stop: number, step = 1, options: CallOptions = {}): Promise<FrameBatch> {
    return await this.#batch(this.#range(start, stop, step), options);
  }

  /** The frame on screen at a time. */
  async getFramePlayedAt(seconds: number, options: CallOptions = {}): Promise<Frame> {
    return await this.#single(this.#timeline.frameAt(finite("seconds", seconds)), options);
  }

  /** The frame on screen at each time, in the caller's order. */
  async getFramesPlayedAt(seconds: Iterable<number>, options: CallOptions = {}): Promise<FrameBatch> {
    return await this.#batch(this.#timeline.framesAt(numbers("seconds", seconds, finite)), options);
  }

  /** What is on screen in [startSeconds, stopSeconds): also the frame that is already there at the start. */
  async getFramesPlayedInRange(
    startSeconds: number,
    stopSeconds: number,
    options: ResampleOptions = {},
  ): Promise<FrameBatch> {
    knownKeys("options", options, ["fps", "signal"]);
    const start = finite("startSeconds", startSeconds);
    const stop = finite("stopSeconds", stopSeconds);
    const { fps, signal } = options;
    if (fps === undefined) return await this.#batch(this.#timeline.framesIn(start, stop), { signal });
    const targets = this.#timeline.ticks(start, stop, positive("options.fps", fps));
    return await this.#batch(this.#timeline.framesAt(targets), { signal }, targets);
  }

  /** Every frame in one batch. For more than fits in memory, iterate. */
  async getAllFrames(options: ResampleOptions = {}): Promise<FrameBatch> {
    knownKeys("options", options, ["fps", "signal"]);
    const { fps, signal } = options;
    if (fps === undefined) return await this.#batch(this.#range(0, this.length, 1), { signal });
    const { begin, end } = this.#timeline;
    return await this.getFramesPlayedInRange(begin, end, options);
  }

  /** Frames one after the other, decoded ahead in bounded memory. Leaving the loop stops the decoding. */
  async *frames(options: FramesOptions = {}): AsyncGenerator<Frame, void, undefined> {
    knownKeys("options", options, ["start", "stop", "step", "signal"]);
    checkSignal(options.signal);
    const wanted = this.#range(options.start ?? 0, options.stop ?? this.length, options.step ?? 1);
    this.#checkOpen();
    options.signal?.throwIfAborted();
    try {
      for await (const piece of this.#video.stream(wanted, options.signal)) yield* framesOf(piece);
    } catch (error) {
      throw withCaller(error);
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Frame, void, undefined> {
    return this.frames();
  }

  /** Numbers of the key frames, ascending. Rejects with E_METADATA in approximate mode without an index. */
  async keyFrameIndices(options: CallOptions = {}): Promise<Int32Array> {
    knownKeys("options", options, ["signal"]);
    checkSignal(options.signal);
    options.signal?.throwIfAborted();
    this.#checkOpen();
    const { index, label } = this.#video;
    if (index !== undefined) return await Promise.resolve(keyFrames(index));
    throw new FramepoolError("E_METADATA", 'only an index tells the key frames: open it with seekMode "exact"', {
      source: label,
    });
  }

  /**
   * Ends its calls with E_CLOSED and closes the file in every worker; one that is busy with another file closes it afterwards, and
   * is not waited for. The source stays the caller's. Idempotent.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#video.close();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return;
    throw decoderClosed(this.#video.label);
  }

  #normal(index: number): number {
    return this.#timeline.named(() => normalizeIndex(index, this.length));
  }

  #range(start: number, stop: number, step: number): Int32Array {
    integer("step", step, 1, 2 ** 31 - 1);
    const clamp = (value: number): number =>
      Math.min(Math.max(value < 0 ? value + this.length : value, 0), this.length);
    const first = clamp(indexOf("start", start));
    const last = clamp(indexOf("stop", stop));
    const frames = new Int32Array(Math.max(0, Math.ceil((last - first) / step)));
    for (let i = 0; i < frames.length; i++) frames[i] = first + i * step;
    return frames;
  }

  async #single(index: number, options: CallOptions): Promise<Frame> {
    const { lease, spec, rows } = await this.#decode(Int32Array.of(index), options);
    const frame = new Frame(new Pixels(lease, spec.dtype, 0, spec.frameBytes), spec, rows, 0);
    if (frame.status !== "skipped") return frame;
    frame.release();
    throw new FramepoolError("E_DECODE", `frame ${String(index)} cannot be decoded`, {
      source: this.#video.label,
      frame: { index, ptsSeconds: frame.ptsSeconds },
    });
  }

  async #batch(frames: Int32Array, options: CallOptions, targets?: Float64Array): Promise<FrameBatch> {
    const { lease, spec, rows } = await this.#decode(frames, options);
    return new FrameBatch(lease, spec, rows, targets);
  }

  async #decode(frames: Int32Array, options: CallOptions): Promise<Decoded> {
    knownKeys("options", options, ["signal"]);
    checkSignal(options.signal);
    this.#checkOpen();
    options.signal?.throwIfAborted();
    return await askedHere(this.#video.decode(frames, options.signal));
  }
}
