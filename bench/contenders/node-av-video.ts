import type { AvDecoder, AvFormat, AvFrame, AvPacket, AvScaler, AvStream, NodeAv } from "./node-av-api.js";

/** An rgb24 frame, each in memory of its own. */
export interface FoundFrame {
  readonly frame: AvFrame;
  readonly seconds: number;
}

/** Frames nearer than this are decoded on to, not sought: within it a seek mostly lands before where the decoder is. */
const decodeOnSeconds = 1;

/** One video through node-av's low-level calls. */
export class NodeAvVideo {
  readonly length: number;
  readonly #av: NodeAv;
  readonly #format: AvFormat;
  readonly #stream: AvStream;
  readonly #streamIndex: number;
  readonly #decoder: AvDecoder;
  readonly #packet: AvPacket;
  readonly #decoded: AvFrame;
  readonly #scaler: AvScaler;
  readonly #kept: AvFrame[] = [];
  #drained = false;

  constructor(av: NodeAv, path: string, threads: number) {
    this.#av = av;
    this.#format = new av.FormatContext();
    check(this.#format.openInputSync(path), "open");
    check(this.#format.findStreamInfoSync(), "find stream info");
    this.#streamIndex = check(this.#format.findBestStream(av.AVMEDIA_TYPE_VIDEO), "find a video stream");
    const stream = this.#format.streams[this.#streamIndex];
    const codec = stream === undefined ? null : av.Codec.findDecoder(stream.codecpar.codecId);
    if (stream === undefined || codec === null) throw new Error(`node-av: no decoder for ${path}`);
    this.#stream = stream;
    this.#decoder = new av.CodecContext();
    this.#decoder.allocContext3(codec);
    check(this.#decoder.parametersToContext(stream.codecpar), "copy the parameters");
    this.#decoder.threadCount = threads;
    this.#decoder.pktTimebase = stream.timeBase;
    check(this.#decoder.open2Sync(codec), "open the decoder");
    this.#packet = new av.Packet();
    this.#packet.alloc();
    this.#decoded = new av.Frame();
    this.#decoded.alloc();
    this.#scaler = new av.SoftwareScaleContext();
    this.#scaler.allocContext();
    this.length = Number(stream.nbFrames);
  }

  /** In the caller's order; equal indices share a frame. */
  framesAt(indices: readonly number[]): FoundFrame[] {
    if (indices.every((index, i) => index === i)) return indices.map(() => this.#next());
    const times = this.#packetTimes();
    const found = new Map<number, FoundFrame>();
    let position: bigint | undefined;
    for (const index of [...new Set(indices)].sort((a, b) => a - b)) {
      const target = times[index];
      if (target === undefined) throw new Error(`node-av: no frame ${index}`);
      if (position === undefined || this.#seconds(target - position) > decodeOnSeconds) this.#seek(target);
      found.set(index, this.#next(target));
      position = target;
    }
    return indices.flatMap((index) => found.get(index) ?? []);
  }

  /** Every frame in memory that the next one is written over. */
  forEach(take: (frame: AvFrame, seconds: number) => void): void {
    let picture: AvFrame | undefined;
    while (this.#receive()) {
      picture ??= this.#newPicture();
      take(this.#convert(picture), this.#seconds(this.#decoded.bestEffortTimestamp));
    }
  }

  close(): void {
    for (const frame of this.#kept) frame.free();
    this.#scaler.freeContext();
    this.#decoded.free();
    this.#packet.free();
    this.#decoder.freeContext();
    this.#format.closeInputSync();
  }

  /** Times of all frames: what tells frame numbers from times where the rate is not constant. Reads the whole file. */
  #packetTimes(): readonly bigint[] {
    const times: bigint[] = [];
    while (this.#format.readFrameSync(this.#packet) >= 0) {
      if (this.#packet.streamIndex === this.#streamIndex) times.push(this.#packet.pts);
      this.#packet.unref();
    }
    return times.sort((a, b) => (a < b ? -1 : 1));
  }

  #seconds(timestamp: bigint): number {
    const { num, den } = this.#stream.timeBase;
    return (Number(timestamp) * num) / den;
  }

  #seek(target: bigint): void {
    check(this.#format.seekFrameSync(this.#streamIndex, target, this.#av.AVSEEK_FLAG_BACKWARD), "seek");
    this.#decoder.flushBuffers();
    this.#drained = false;
  }

  /** The next frame at or after a time, or just the next one. */
  #next(target?: bigint): FoundFrame {
    while (this.#receive()) {
      const time = this.#decoded.bestEffortTimestamp;
      if (target !== undefined && time < target) continue;
      return { frame: this.#convert(this.#newPicture()), seconds: this.#seconds(time) };
    }
    throw new Error("node-av: the video ended before the frame");
  }

  #receive(): boolean {
    for (;;) {
      const received = this.#decoder.receiveFrameSync(this.#decoded);
      if (received >= 0) return true;
      if (received === this.#av.AVERROR_EOF) return false;
      if (received !== this.#av.AVERROR_EAGAIN) check(received, "decode");
      this.#feed();
    }
  }

  #feed(): void {
    if (this.#drained) throw new Error("node-av: the decoder wants more after the end");
    while (this.#format.readFrameSync(this.#packet) >= 0) {
      const ours = this.#packet.streamIndex === this.#streamIndex;
      if (ours) check(this.#decoder.sendPacketSync(this.#packet), "send a packet");
      this.#packet.unref();
      if (ours) return;
    }
    check(this.#decoder.sendPacketSync(null), "drain");
    this.#drained = true;
  }

  #newPicture(): AvFrame {
    const picture = new this.#av.Frame();
    picture.alloc();
    picture.format = this.#av.AV_PIX_FMT_RGB24;
    picture.width = this.#decoded.width;
    picture.height = this.#decoded.height;
    check(picture.getBuffer(1), "allocate a picture");
    this.#kept.push(picture);
    return picture;
  }

  #convert(picture: AvFrame): AvFrame {
    check(this.#scaler.scaleFrameSync(picture, this.#decoded), "convert");
    return picture;
  }
}

function check(result: number, operation: string): number {
  if (result < 0) throw new Error(`node-av: cannot ${operation}: ${result}`);
  return result;
}
