import {
  type DecoderPool,
  type FrameSelection,
  FramepoolError,
  type ImageFile,
  type Scene,
  type SkippedFrame,
  type VideoDecoderOptions,
  bestFrames,
  scenes,
} from "../index.js";
import { forEachBounded } from "./bounded.js";
import { OutputError } from "./files.js";
import { encodeOptions, imageNaming, type ImageOptions } from "./images.js";
import { identityOf, type Input, type Inputs } from "./inputs.js";
import { codeOf, describeError, isFatal, plural } from "./messages.js";
import type { OutputFolder } from "./output-folder.js";
import type { Progress } from "./progress.js";
import { SourceOutput } from "./source-output.js";

export interface ExtractionOptions {
  /** `scenes`: one frame of each, in its middle; the score that a cut must reach. */
  readonly selection: FrameSelection | { readonly scenes: number };
  /** The best frames near the selected ones, or of the scenes. */
  readonly best?: boolean;
  readonly image: ImageOptions;
  /** Also what the same options made before. */
  readonly force: boolean;
  /** Files that are decoded or written at one time. */
  readonly filesAtOnce: number;
  readonly onDone?: (output: SourceOutput) => void;
  readonly onFailed?: (input: Input, error: unknown) => void;
}

export interface Summary {
  done: number;
  unchanged: number;
  failed: number;
  images: number;
  /** Frames that could not be decoded, of files that are otherwise done. */
  undecodable: number;
}

interface Job {
  readonly input: Input;
  readonly selection: FrameSelection;
  readonly output: SourceOutput;
}

/** What an extraction yields of a file. */
interface Encoded {
  readonly images: readonly ImageFile[];
  readonly skipped: readonly SkippedFrame[];
}

/** Pixels of all frames of one file that one worker encodes; what has more is shared by all. One frame of 8K still fits. */
export const maxOutputBytes = 128 * 2 ** 20;

const listedFrames = 20;

/** Images of the selected frames of many files, in one output folder. A file that fails is reported, the others go on. */
export class Extraction {
  readonly summary: Summary = { done: 0, unchanged: 0, failed: 0, images: 0, undecodable: 0 };
  readonly #pool: DecoderPool;
  readonly #out: OutputFolder;
  readonly #options: ExtractionOptions;
  readonly #progress: Progress;
  /** Aborted by the user, or by an error that no other file would escape. */
  readonly #stop = new AbortController();
  readonly #fingerprint: string;
  /** Whose pictures are being made, and not stored yet. */
  readonly #begun = new Set<SourceOutput>();

  constructor(pool: DecoderPool, out: OutputFolder, progress: Progress, options: ExtractionOptions) {
    this.#pool = pool;
    this.#out = out;
    this.#progress = progress;
    this.#options = options;
    this.#fingerprint = JSON.stringify([options.selection, options.image, ...(options.best === true ? ["best"] : [])]);
  }

  async run(inputs: Inputs, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#progress.follow(inputs);
    const stop = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener("abort", stop);
    const { filesAtOnce, image } = this.#options;
    const options = { ...this.#decoding(), encode: encodeOptions(image), maxInFlight: filesAtOnce };
    const results = this.#pool.extract(this.#requests(inputs), options);
    try {
      await forEachBounded(results, filesAtOnce, (result) =>
        this.#store(result.key, result.images === undefined ? result.error : result),
      );
    } finally {
      signal.removeEventListener("abort", stop);
      // Files whose results nobody waited for.
      for (const output of this.#begun) this.#out.discard(output);
    }
    this.#stop.signal.throwIfAborted();
  }

  async *#requests(inputs: Inputs) {
    for await (const input of inputs) {
      const job = await this.#prepare(input);
      if (this.#stop.signal.aborted) return;
      if (job === undefined) continue;
      this.#begun.add(job.output);
      job.output.begin();
      yield { source: input.source, key: job, folder: job.output.staging, ...job.selection };
    }
  }

  /** undefined where everything is there already. */
  async #prepare(input: Input): Promise<Job | undefined> {
    const key = this.#out.claim(input);
    const identity = (await identityOf(input)) ?? null;
    const { selection, force } = this.#options;
    const wanted = { source: input.id, identity, options: this.#fingerprint, force };
    const output = new SourceOutput(this.#out.path, key, wanted, this.#out.mover);
    const missing = force ? "all" : output.resume();
    if (missing === "all") return await this.#begin(input, output, selection);
    if (missing.length > 0) return { input, output, selection: { indices: missing } };
    this.#out.manifest.put(input.id, output.manifestEntries());
    this.#reportUndecodable(input, output);
    this.summary.unchanged += 1;
    this.#progress.skipFile();
    this.#options.onDone?.(output);
    return undefined;
  }

  /** undefined where the file failed. */
  async #begin(
    input: Input,
    output: SourceOutput,
    selection: ExtractionOptions["selection"],
  ): Promise<Job | undefined> {
    if (!("scenes" in selection) && this.#options.best !== true) return { input, output, selection };
    const indices: number[] = [];
    try {
      for await (const index of this.#sought(input, selection)) indices.push(index);
    } catch (error) {
      this.#fail({ input, output, selection: { indices } }, error);
      this.#progress.finishFile(output);
      return undefined;
    }
    return { input, output, selection: { indices } };
  }

  /** Frames that only the pictures tell. */
  async *#sought({ source }: Input, selection: ExtractionOptions["selection"]): AsyncGenerator<number> {
    const over = { pool: this.#pool, signal: this.#stop.signal };
    if (!("scenes" in selection)) {
      for await (const { index } of bestFrames(source, { ...over, select: selection })) yield index;
      return;
    }
    const ranges: Scene[] = [];
    for await (const scene of scenes(source, { ...over, threshold: selection.scenes })) ranges.push(scene);
    if (this.#options.best !== true) yield* ranges.map(({ start, stop }) => Math.floor((start + stop - 1) / 2));
    else for await (const { index } of bestFrames(source, { ...over, ranges })) yield index;
  }

  /** Never rejects: what concerns more than this file stops them all. */
  async #store(job: Job, result: Encoded | Error): Promise<void> {
    const { input, output } = job;
    this.#begun.delete(output);
    try {
      if (!(result instanceof Error)) this.#takeAll(job, result);
      else if (codeOf(result) === "E_LIMIT") await this.#takeStream(job);
      else throw result;
      await output.finish();
      this.#out.manifest.put(input.id, output.manifestEntries());
      this.#reportUndecodable(input, output);
      this.#reportChanges(input, output);
      this.summary.images += output.written;
      this.summary.done += 1;
      this.#options.onDone?.(output);
    } catch (error) {
      this.#fail(job, error);
    }
    this.#progress.finishFile(output);
  }

  #fail({ input, output }: Job, error: unknown): void {
    this.#out.discard(output);
    if (this.#stop.signal.aborted) return;
    const unwritten = isUnwritten(error, output) ? new OutputError(error.message, { cause: error }) : error;
    if (isFatal(unwritten)) {
      this.#stop.abort(unwritten);
      return;
    }
    this.summary.failed += 1;
    this.#options.onFailed?.(input, error);
    this.#progress.say(describeError(input.name, error));
  }

  /** All frames of a file at once. */
  #takeAll({ output }: Job, { images, skipped }: Encoded): void {
    this.#progress.plan(output, images.length + skipped.length);
    for (const { index } of skipped) output.addUndecodable(index);
    const naming = imageNaming(this.#options.image);
    for (const image of images) this.#progress.addFrames(output, output.take(image, naming));
  }

  /** For files with more than one worker should do alone. */
  async #takeStream({ input, selection, output }: Job): Promise<void> {
    const { signal } = this.#stop;
    const video = await this.#pool.openVideo(input.source, this.#decoding());
    try {
      // Each once: of times closer than the frames most show the same ones.
      const indices = [...new Set(video.select(selection).indices)];
      this.#progress.plan(output, indices.length);
      const encode = encodeOptions(this.#options.image);
      const onSkip = ({ index }: SkippedFrame): void => output.addUndecodable(index);
      const naming = imageNaming(this.#options.image);
      const images = video.getImages({ indices }, { encode, folder: output.staging, onSkip, signal });
      for await (const image of images) this.#progress.addFrames(output, output.take(image, naming));
    } finally {
      await video.close();
    }
  }

  #decoding(): VideoDecoderOptions {
    return { onError: "skip", transforms: this.#options.image.transforms, signal: this.#stop.signal };
  }

  #reportChanges({ name }: Input, { altered, outdated }: SourceOutput): void {
    if (altered > 0) this.#progress.say(`${name}: made again, since they had changed: ${plural(altered, "image")}`);
    if (outdated === 0) return;
    const kept = plural(outdated, "image");
    this.#progress.say(
      `${name}: kept, but not listed: ${kept} that other options made of an older version of the file`,
    );
  }

  #reportUndecodable(input: Input, { undecodable }: SourceOutput): void {
    if (undecodable.length === 0) return;
    this.summary.undecodable += undecodable.length;
    const more = undecodable.length > listedFrames ? `, and ${undecodable.length - listedFrames} more` : "";
    const list = undecodable.slice(0, listedFrames).join(", ");
    this.#progress.say(`${input.name}: left out what cannot be decoded (E_DECODE): frame ${list}${more}`);
  }
}

/** What a worker could not write: no fault of the video. */
function isUnwritten(error: unknown, { staging }: SourceOutput): error is FramepoolError {
  return error instanceof FramepoolError && error.source?.startsWith(staging) === true;
}
