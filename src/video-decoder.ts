import { askedHere, decoderClosed, FramepoolError, withCaller } from "./errors.js";
import { Frame, FrameBatch } from "./video/frame.js";
import type { VideoStreamMetadata } from "./video/metadata.js";
import { checkSignal, finite, index as indexOf, indexes, integer, knownKeys, numbers, positive } from "./arguments.js";
import { type FrameSelection, checkRangeOrSelection, checkSelection, checkStep } from "./video/frame-selection.js";
import type { VideoDecoderOptions } from "./video/options.js";
import { type EncodedPacket, type PacketMetadata, type PacketsOptions, packetsOf } from "./video/encoded-packet.js";
import type { Decoded } from "./video/frame-request.js";
import { framesOf } from "./video/frames-ahead.js";
import type { VideoHost } from "./video/host.js";
import { openVideoOn } from "./pool-host.js";
import { LocalPool } from "./local-pool.js";
import { LeasedValues } from "./releasable.js";
import { defaultResources } from "./pool/resources.js";
import { type Selected, clock } from "./protocol/selection.js";
import type { DType } from "./protocol/output.js";
import type { EncodedImage, ImageFile } from "./video/images/encoded-image.js";
import { type ImagesOptions, imagesOf, imagesSettings } from "./video/images/images-of.js";
import type { MediaSource } from "./sources/media-source.js";
import { Timeline } from "./video/timeline.js";
import type {
  BatchesOptions,
  CallOptions,
  FramesOptions,
  RangeOptions,
  ResampleOptions,
} from "./video/call-options.js";

/**
 * Frames of one video, decoded by the pool's workers. Frames are numbered in the decoder's output order from 0; times are
 * seconds on the file's clock, which need not begin at 0 (`metadata.beginStreamSeconds`): `getFrames({ times, from: "start" })`
 * counts from the first picture. Frame i is on screen from its pts until the pts of frame i + 1, the last one until pts + duration.
 *
 * What is asked for at the same time is decoded together: `Promise.all` of many calls costs no more than one call after the
 * other. Each still has its own memory, its own error and its own signal.
 *
 * Every getter rejects with E_OUT_OF_RANGE for frames and times outside the video, E_DECODE for a frame that cannot be
 * decoded, E_LIMIT for more bytes than `limits.maxOutputBytes`, E_CLOSED after close(), E_WORKER_LOST when a worker died,
 * the signal's reason when aborted, and a FramepoolTypeError for misuse.
 */
export class VideoDecoder<D extends DType = DType> {
  /** What is known of the stream, from the moment that it was opened. */
  readonly metadata: VideoStreamMetadata;
  /** Number of frames. */
  readonly length: number;
  readonly #video: VideoHost;
  readonly #dtype: D;
  readonly #timeline: Timeline;
  #closed: Promise<void> | undefined;

  /** @internal Use VideoDecoder.open or DecoderPool.openVideo. */
  constructor(video: VideoHost, dtype: D) {
    this.#video = video;
    this.#dtype = dtype;
    this.metadata = video.metadata;
    this.length = video.metadata.numFrames;
    this.#timeline = new Timeline(video.metadata, video.index, video.label);
  }

  /** Opens a video on a shared pool that is made on first use and never keeps the process alive. */
  static async open<D extends DType = "uint8">(
    source: MediaSource,
    options: VideoDecoderOptions<D> = {},
  ): Promise<VideoDecoder<D>> {
    const { video, dtype } = await openVideoOn(new LocalPool(defaultResources()), source, options);
    return new VideoDecoder(video, dtype);
  }

  /** One frame; negative numbers count from the end. */
  async getFrameAt(index: number, options: CallOptions = {}): Promise<Frame<D>> {
    const indices = [indexOf("index", index)];
    return await this.#single(this.#timeline.select({ by: "indices", indices, clamp: false }), options);
  }

  /** Frames in the caller's order, as often as they are asked for. */
  async getFramesAt(indices: Iterable<number>, options: CallOptions = {}): Promise<FrameBatch<D>> {
    const given = indexes("indices", indices);
    return await this.#batch(this.#timeline.select({ by: "indices", indices: given, clamp: false }), options);
  }

  /** Which frames a selection means, without decoding one. Throws as getFrames() rejects. */
  select(selection: FrameSelection): Selected {
    return this.#timeline.select(checkSelection("selection", selection));
  }

  /** The frames of a selection, in its order. In approximate mode `keyFrames` rejects with E_METADATA where only a scan would tell. */
  async getFrames(selection: FrameSelection, options: CallOptions = {}): Promise<FrameBatch<D>> {
    return await this.#batch(this.#timeline.select(checkSelection("selection", selection)), options);
  }

  /** Frames from `start`, inclusive, to `stop`, exclusive; like a slice, beyond the ends there is nothing. */
  async getFramesInRange(start: number, stop: number, options: RangeOptions = {}): Promise<FrameBatch<D>> {
    knownKeys("options", options, ["step", "signal"]);
    const range = {
      start: indexOf("start", start),
      stop: indexOf("stop", stop),
      step: checkStep("options.step", options.step),
    };
    return await this.#batch(this.#timeline.select({ by: "range", ...range }), { signal: options.signal });
  }

  /** The frame on screen at a time. */
  async getFramePlayedAt(seconds: number, options: CallOptions = {}): Promise<Frame<D>> {
    const times = [finite("seconds", seconds)];
    return await this.#single(this.#timeline.select({ by: "times", times, scale: clock }), options);
  }

  /** The frame on screen at each time, in the caller's order. */
  async getFramesPlayedAt(seconds: Iterable<number>, options: CallOptions = {}): Promise<FrameBatch<D>> {
    const times = numbers("seconds", seconds, finite);
    return await this.#batch(this.#timeline.select({ by: "times", times, scale: clock }), options);
  }

  /** What is on screen in [startSeconds, stopSeconds): also the frame that is already there at the start. */
  async getFramesPlayedInRange(
    startSeconds: number,
    stopSeconds: number,
    options: ResampleOptions = {},
  ): Promise<FrameBatch<D>> {
    return await this.#inSeconds(finite("startSeconds", startSeconds), finite("stopSeconds", stopSeconds), options);
  }

  /** Every frame in one batch. For more than fits in memory, iterate. */
  async getAllFrames(options: ResampleOptions = {}): Promise<FrameBatch<D>> {
    knownKeys("options", options, ["fps", "signal"]);
    if (options.fps !== undefined) return await this.#inSeconds(undefined, undefined, options);
    return await this.getFramesInRange(0, this.length, options);
  }

  /** Frames one after the other, decoded ahead in bounded memory. Leaving the loop stops the decoding. */
  frames(options: FramesOptions = {}): AsyncGenerator<Frame<D>, void, undefined> {
    const selected = this.#timeline.select(checkRangeOrSelection("options", options, ["signal"]));
    checkSignal(options.signal);
    return this.#frames(selected, options.signal);
  }

  /**
   * Batches of `size` frames, decoded ahead in bounded memory: a few batches, as far as the pool's `memoryBudget` goes. A batch
   * is yours to release; leaving the loop stops the decoding. Where a frame cannot be decoded, the batch before it is shorter.
   */
  batches(options: BatchesOptions): AsyncGenerator<FrameBatch<D>, void, undefined> {
    const selected = this.#timeline.select(checkRangeOrSelection("options", options, ["size", "signal"]));
    const size = integer("options.size", options.size, 1, 2 ** 20);
    checkSignal(options.signal);
    return this.#batches(selected, size, options.signal);
  }

  /**
   * Pictures as files, encoded in the workers that decode them: all of these work at once, ahead of the loop in bounded
   * memory. In the selection's order, as often as it names them. They are the frames that the other getters give, with the
   * video's transforms and `pixelFormat` (`native` as RGB; jpeg has no alpha); what makes numbers of them (`dtype`, normalize)
   * does not matter. JPEG and WebP of video take its luma and chroma as they are, brought to what image formats mean by them
   * (BT.601) and scaled by a resize that stands alone; everything else goes over RGB. Throws as the getters do, and E_LIMIT for
   * pictures larger than the format allows (65500 pixels a side for jpeg, 16383 for webp). With `folder` the workers write them there, and
   * E_IO (a full disk, say) or E_ACCESS is thrown where they cannot, with the file as its `source`.
   */
  getImages(
    selection: FrameSelection,
    options: ImagesOptions & { readonly folder: string },
  ): AsyncGenerator<ImageFile, void, undefined>;
  getImages(selection: FrameSelection, options: ImagesOptions): AsyncGenerator<EncodedImage, void, undefined>;
  getImages(
    selection: FrameSelection,
    options: ImagesOptions,
  ): AsyncGenerator<EncodedImage | ImageFile, void, undefined> {
    const selected = this.#timeline.select(checkSelection("selection", selection));
    return imagesOf(this.#video, selected, imagesSettings(options), this.#checkOpen);
  }

  /** `frames()` of the whole video. */
  [Symbol.asyncIterator](): AsyncGenerator<Frame<D>, void, undefined> {
    return this.frames();
  }

  /**
   * What the container holds, without decoding it: the packets in decoding order, which need not be that of the pictures, read
   * ahead in bounded memory. With a range of frames, or any other selection of them, those that decoding these frames takes: from
   * the key packet before each on, to the last one that it needs. With `metadataOnly` nothing is read: what the index knows of them.
   * Throws E_METADATA where there is no index of packets.
   */
  packets(options?: PacketsOptions & { readonly metadataOnly?: false }): AsyncGenerator<EncodedPacket, void, undefined>;
  packets(options: PacketsOptions): AsyncGenerator<PacketMetadata, void, undefined>;
  packets(options: PacketsOptions = {}): AsyncGenerator<PacketMetadata, void, undefined> {
    return packetsOf(this.#video, this.#timeline, options, this.#checkOpen);
  }

  /** Numbers of the key frames, ascending. Rejects with E_METADATA in approximate mode without an index. */
  async keyFrameIndices(options: CallOptions = {}): Promise<Int32Array> {
    this.#check(options);
    return this.#timeline.select({ by: "keyFrames" }).indices;
  }

  /** The index for the option `index`: of this version of the file, stream, and major version of FFmpeg. E_METADATA without one. */
  async saveIndex(options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    this.#check(options);
    return await askedHere(this.#video.saveIndex(options.signal));
  }

  /**
   * Ends its calls with E_CLOSED and closes the file in every worker; one that is busy with another file closes it afterwards, and
   * is not waited for. The source stays the caller's. Idempotent.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#video.close();
    await this.#closed;
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #check(options: CallOptions): void {
    knownKeys("options", options, ["signal"]);
    checkSignal(options.signal);
    this.#checkOpen();
    options.signal?.throwIfAborted();
  }

  readonly #checkOpen = (): void => {
    if (this.#closed !== undefined) throw decoderClosed(this.#video.label);
  };

  async #inSeconds(
    start: number | undefined,
    stop: number | undefined,
    options: ResampleOptions,
  ): Promise<FrameBatch<D>> {
    knownKeys("options", options, ["fps", "signal"]);
    const fps = options.fps === undefined ? undefined : positive("options.fps", options.fps);
    const selected = this.#timeline.select({ by: "seconds", start, stop, fps, scale: clock });
    return await this.#batch(selected, { signal: options.signal });
  }

  async *#frames(selected: Selected, signal: AbortSignal | undefined): AsyncGenerator<Frame<D>, void, undefined> {
    for await (const piece of this.#pieces(selected, undefined, signal)) yield* framesOf(piece);
  }

  async *#batches(
    selected: Selected,
    size: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FrameBatch<D>, void, undefined> {
    for await (const { lease, spec, rows } of this.#pieces(selected, size, signal)) {
      yield new FrameBatch(lease, spec, rows);
    }
  }

  async *#pieces(
    { indices, targetSeconds }: Selected,
    size: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Decoded<D>, void, undefined> {
    this.#checkOpen();
    signal?.throwIfAborted();
    let row = 0;
    try {
      for await (const piece of this.#video.frames(indices, size, signal)) {
        const begin = row;
        row += piece.rows.indices.length;
        yield this.#typed(piece, targetSeconds?.subarray(begin, row));
      }
    } catch (error) {
      throw withCaller(error);
    }
  }

  async #single(selected: Selected, options: CallOptions): Promise<Frame<D>> {
    const { lease, spec, rows } = await this.#decode(selected, options);
    const frame = new Frame(new LeasedValues("pixels", lease, spec.dtype, 0, spec.frameBytes), spec, rows, 0);
    if (frame.status !== "skipped") return frame;
    frame.release();
    const index = selected.indices[0] ?? frame.index;
    throw new FramepoolError("E_DECODE", `frame ${String(index)} cannot be decoded`, {
      source: this.#video.label,
      frame: { index, ptsSeconds: frame.ptsSeconds },
    });
  }

  async #batch(selected: Selected, options: CallOptions): Promise<FrameBatch<D>> {
    const { lease, spec, rows } = await this.#decode(selected, options);
    return new FrameBatch(lease, spec, rows);
  }

  async #decode({ indices, targetSeconds }: Selected, options: CallOptions): Promise<Decoded<D>> {
    this.#check(options);
    return this.#typed(await askedHere(this.#video.decode(indices, options.signal)), targetSeconds);
  }

  /** The host knows no types: its frames are of the dtype that it was opened with. */
  #typed({ lease, spec, rows }: Decoded, targetSeconds: Float64Array | undefined): Decoded<D> {
    return {
      lease,
      spec: { ...spec, dtype: this.#dtype },
      rows: targetSeconds === undefined ? rows : { ...rows, targetSeconds },
    };
  }
}
