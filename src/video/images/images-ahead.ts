import { LinkedAbort } from "../../async/abort.js";
import { WakeUp } from "../../async/wake-up.js";
import type { Ahead } from "../../pool/ahead-bytes.js";
import { at } from "../../protocol/frame-index.js";
import { type Encoding, type ImageFormat, expectedImageBytes, imageSpec } from "../../protocol/image.js";
import { bytesOfImages } from "../../protocol/image-jobs.js";
import type { OutputSpec } from "../../protocol/output.js";
import { joinRows, sliceRows } from "../../protocol/rows.js";
import type { Running } from "../../threads/task.js";
import type { OpenVideo } from "../opened-video.js";
import { packetAfter } from "../plan/job-ranges.js";
import { namedFor } from "../timeline.js";
import { type EncodedPiece, startEncoding } from "./encode-job.js";
import type { ImageRows } from "./encoded-image.js";
import { type ImageRun, planImages } from "./image-plan.js";

/**
 * Pictures that a worker encodes before it hands them over, half as many again where no more are left: each time costs the main thread
 * as much as 20 pictures do. About a second of JPEG in 1080p; the other formats take longer.
 */
const mostInPiece: Readonly<Record<ImageFormat, number>> = { jpeg: 128, png: 64, webp: 64 };
/** The same of the first ones, for which somebody waits. */
const mostInFirstPiece = 8;
/** Pieces that one worker is given at a time, once it stands where they begin. */
const piecesAhead = 2;

type Done = Pick<ImageRows, "images" | "rows">;

/** A run that workers are at. */
interface Lane {
  readonly run: ImageRun;
  /** Targets that were given out. */
  next: number;
  /** Packets that the pieces before bring along. */
  sent: number;
  /** The worker that goes on; undefined until it has done the first piece. */
  slot: number | undefined;
  underway: number;
}

/** Images of `wanted`, in its order, as they are ready: encoded ahead by all workers, in bounded memory. */
export async function* imagesAhead(
  video: OpenVideo,
  wanted: Int32Array,
  encoding: Encoding,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImageRows, void, undefined> {
  const spec = namedFor(video.label, () => imageSpec(video.info, video.request, video.base.open.maxPixels, encoding));
  const images = new ImagesAhead(video, wanted, spec, encoding, signal);
  try {
    for (let rows = await images.next(); rows !== undefined; rows = await images.next()) yield rows;
  } finally {
    images.stop();
  }
}

class ImagesAhead {
  readonly #video: OpenVideo;
  readonly #spec: OutputSpec;
  readonly #encoding: Encoding;
  readonly #linked: LinkedAbort;
  /** Pictures in a piece for which there is memory. */
  readonly #roomFor: number;
  readonly #count: number;
  readonly #runs: Iterator<ImageRun>;
  /** In the order in which their pictures are wanted. */
  readonly #lanes: Lane[] = [];
  /** What is there and was not given yet: pictures that are wanted one after the other, by the place of the first. */
  readonly #done = new Map<number, Done>();
  /** What is counted for those, by place of a piece's last one. */
  readonly #counted = new Map<number, Ahead>();
  /** The place that the consumer waits for. */
  #next = 0;
  /** By the place that it concerns. */
  readonly #failures = new Map<number, unknown>();
  readonly #wakeUp = new WakeUp();

  constructor(
    video: OpenVideo,
    wanted: Int32Array,
    spec: OutputSpec,
    encoding: Encoding,
    signal: AbortSignal | undefined,
  ) {
    this.#video = video;
    this.#spec = spec;
    this.#encoding = encoding;
    this.#count = wanted.length;
    this.#linked = new LinkedAbort(video.closing.signal, signal);
    const { ahead, workers } = video.resources;
    const pictureBytes = expectedImageBytes(1, spec, encoding);
    const roomFor = Math.floor(ahead.most / (2 * workers.threads * pictureBytes));
    this.#roomFor = pictureBytes === 0 ? Infinity : Math.max(1, roomFor);
    this.#runs = planImages(video, wanted);
    this.#linked.signal.addEventListener("abort", () => {
      this.#wakeUp.wake();
    });
  }

  /** What is ready of the pictures that come next; undefined after the last. */
  async next(): Promise<ImageRows | undefined> {
    // What was given last is the consumer's by now.
    for (const [place, ahead] of this.#counted) {
      if (place >= this.#next) continue;
      ahead.end();
      this.#counted.delete(place);
    }
    while (this.#next < this.#count) {
      this.#linked.signal.throwIfAborted();
      this.#start();
      if (this.#done.has(this.#next)) return this.#take();
      if (this.#failures.has(this.#next)) throw this.#failures.get(this.#next);
      await this.#wakeUp.wait();
    }
    return undefined;
  }

  /** Ends what is under way. */
  stop(): void {
    this.#linked.abort(new DOMException("the iteration ended", "AbortError"));
    for (const ahead of this.#counted.values()) ahead.end();
    this.#counted.clear();
    this.#done.clear();
  }

  #take(): ImageRows {
    const taken: Done[] = [];
    for (let done = this.#done.get(this.#next); done !== undefined; done = this.#done.get(this.#next)) {
      taken.push(done);
      this.#done.delete(this.#next);
      this.#next += done.images.length;
    }
    const { width, height } = this.#spec;
    return {
      images: taken.flatMap(({ images }) => images),
      rows: joinRows(taken.map(({ rows }) => rows)),
      width,
      height,
    };
  }

  /** Gives workers what there is room for; what is waited for in any case. */
  #start(): void {
    const { workers, ahead } = this.#video.resources;
    while (this.#lanes.length < workers.threads) {
      const next = this.#runs.next();
      if (next.done === true) break;
      this.#lanes.push({ run: next.value, next: 0, sent: 0, slot: undefined, underway: 0 });
    }
    for (const lane of this.#lanes) {
      while (lane.next < lane.run.targets.length && lane.underway < (lane.slot === undefined ? 1 : piecesAhead)) {
        const isFirst = this.#next === 0 && lane === this.#lanes[0] && lane.next === 0;
        const most = isFirst ? mostInFirstPiece : mostInPiece[this.#encoding.format];
        const left = lane.run.targets.length - lane.next;
        const pictures = Math.min(left < 1.5 * most ? left : most, this.#roomFor);
        const bytes = expectedImageBytes(pictures, this.#spec, this.#encoding);
        const isWaitedFor = lane === this.#lanes[0] && lane.underway === 0;
        if (bytes > ahead.free && !isWaitedFor) return;
        this.#startPiece(lane, pictures, ahead.count(bytes));
      }
    }
  }

  #startPiece(lane: Lane, pictures: number, ahead: Ahead): void {
    const { run, next, sent, slot } = lane;
    const end = next + pictures;
    // A message holds all memory that a view lies over.
    const targets = run.targets.slice(next, end);
    const rows = run.rows.subarray(next, end);
    const piece = { targets, threads: run.threads, pin: slot, moreFollows: end < run.targets.length, from: sent };
    lane.next = end;
    lane.underway++;
    const { index } = this.#video;
    if (index !== undefined) lane.sent = packetAfter(index, targets, sent);
    const output = { spec: this.#spec, encoding: this.#encoding };
    const running = startEncoding(this.#video, piece, output, this.#linked.signal);
    void this.#finish(lane, running, rows, ahead);
  }

  async #finish(lane: Lane, running: Running<EncodedPiece>, rows: Int32Array, ahead: Ahead): Promise<void> {
    try {
      const { images, rows: encoded, failure } = await running.result;
      lane.slot ??= running.slot();
      for (let begin = 0, end = 0; begin < images.length; begin = end) {
        do end++;
        while (end < images.length && at(rows, end) === at(rows, end - 1) + 1);
        this.#done.set(at(rows, begin), { images: images.slice(begin, end), rows: sliceRows(encoded, begin, end) });
      }
      // Nor are there those behind it, which may be wanted before it.
      if (failure !== undefined) for (const row of rows.subarray(images.length)) this.#failures.set(row, failure);
      ahead.resize(bytesOfImages(images));
      if (this.#linked.signal.aborted) ahead.end();
      else this.#counted.set(Math.max(...rows), ahead);
    } catch (error) {
      for (const row of rows) this.#failures.set(row, error);
      void running.settled.then(() => {
        ahead.end();
      });
    }
    lane.underway--;
    if (lane.next === lane.run.targets.length && lane.underway === 0) this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    this.#wakeUp.wake();
  }
}
