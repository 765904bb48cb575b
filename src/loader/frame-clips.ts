import { FramepoolError } from "../errors.js";
import { LeasedValues } from "../releasable.js";
import type { Lease } from "../pool/output-memory.js";
import { type ClipSampler, clipsPerVideo } from "../protocol/clip-plan.js";
import { type DType, fixedOutput, type OutputSpec } from "../protocol/output.js";
import { randomInteger, seededRandom } from "../protocol/random.js";
import { joinRows, sliceRows } from "../protocol/rows.js";
import type { Transform } from "../protocol/transform.js";
import type { OpenSpec } from "../protocol/job-base.js";
import type { ClipsResult } from "../protocol/video.js";
import type { Underway } from "../threads/task.js";
import { FrameBatch } from "../video/frame.js";
import { type DecoderSettings, requestOf } from "../video/options.js";
import type { BatchClip, ClipKind, ClipLayout, ClipRequest } from "./clip-kind.js";
import { LoadedBatch } from "./loaded-batch.js";

/** Tells the draws of crops from those of clips. */
const cropDraws = -1;

/** Clips of pictures. */
export class FrameClips<K, D extends DType> implements ClipKind<ClipsResult, LoadedBatch<K, D>> {
  readonly openKey: string;
  readonly clipsPerItem: number | undefined;
  readonly #decoder: DecoderSettings<D>;
  readonly #open: OpenSpec;
  readonly #sampler: ClipSampler;
  #layout: FrameLayout<K, D> | undefined;

  constructor(decoder: DecoderSettings<D>, open: OpenSpec, sampler: ClipSampler) {
    this.openKey = JSON.stringify(open);
    this.clipsPerItem = clipsPerVideo(sampler);
    this.#decoder = decoder;
    this.#open = open;
    this.#sampler = sampler;
    const spec = fixedOutput(requestOf(decoder, 0), open.maxPixels);
    this.#layout =
      spec === undefined ? undefined : new FrameLayout({ ...spec, dtype: decoder.dtype }, sampler.numFramesPerClip);
  }

  get layout(): FrameLayout<K, D> | undefined {
    return this.#layout;
  }

  layoutOf({ spec }: ClipsResult): FrameLayout<K, D> {
    if (this.#layout !== undefined) return this.#layout;
    if (spec === undefined) throw new FramepoolError("E_INTERNAL", "frames of unknown shape");
    this.#layout = new FrameLayout({ ...spec, dtype: this.#decoder.dtype }, this.#sampler.numFramesPerClip);
    return this.#layout;
  }

  countOf({ rows }: ClipsResult): number {
    return rows.indices.length / this.#sampler.numFramesPerClip;
  }

  decode({ source, work, position, signal }: ClipRequest): Underway<ClipsResult> {
    const { transforms, threads } = this.#decoder;
    const seeded = { ...this.#decoder, transforms: withSeeds(transforms, work.seeds) };
    return source.decodeFrames(
      {
        kind: "clips",
        ...work,
        open: this.#open,
        sampler: this.#sampler,
        request: requestOf(seeded, position),
        frameShape: this.#layout?.spec.frameShape,
        nativeFormat: this.#layout?.spec.nativeFormat,
        threads: threads ?? 1,
      },
      signal,
    );
  }
}

/** Random crops that have no seed of their own are drawn from the item's, as its clips are: all of its frames have the same. */
function withSeeds(transforms: readonly Transform[], seeds: readonly number[]): readonly Transform[] {
  const random = seededRandom(...seeds, cropDraws);
  return transforms.map((transform) =>
    transform.type === "randomCrop" && transform.seed === undefined
      ? { ...transform, seed: randomInteger(random, 0, 2 ** 32) }
      : transform,
  );
}

/** Clips of so many frames of one shape. */
class FrameLayout<K, D extends DType> implements ClipLayout<ClipsResult, LoadedBatch<K, D>> {
  readonly spec: OutputSpec<D>;
  readonly clipBytes: number;
  readonly #numFramesPerClip: number;

  constructor(spec: OutputSpec<D>, numFramesPerClip: number) {
    this.spec = spec;
    this.clipBytes = numFramesPerClip * spec.frameBytes;
    this.#numFramesPerClip = numFramesPerClip;
  }

  toBatch(memory: Lease, offset: number, clips: readonly BatchClip<ClipsResult>[]): LoadedBatch<K, D> {
    const frames = this.#numFramesPerClip;
    const rows = joinRows(
      clips.map(({ clips: { rows }, clip }) => sliceRows(rows, clip * frames, (clip + 1) * frames)),
    );
    const pixels = new LeasedValues("pixels", memory, this.spec.dtype, offset, clips.length * this.clipBytes);
    return new LoadedBatch(
      new FrameBatch(pixels, this.spec, rows),
      frames,
      clips.map(({ key }) => key as K),
    );
  }
}
