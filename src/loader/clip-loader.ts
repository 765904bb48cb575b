import { type VideoDecoderOptions, decoderSettings, openSpec } from "../video/options.js";
import type { DType } from "../protocol/output.js";
import { type ClipSamplerOptions, clipSampler } from "../samplers/options.js";
import { Epoch } from "./epoch.js";
import { FrameClips } from "./frame-clips.js";
import type { LoadedBatch } from "./loaded-batch.js";
import { type ClipLoaderState, Loader, checkState } from "./loader.js";
import { type LoaderOptions, type SamplerSeed, splitOptions } from "./options.js";

export interface ClipLoaderOptions<K = number, D extends DType = DType>
  extends LoaderOptions<K>, Omit<VideoDecoderOptions<D>, "seekMode" | "onError" | "index" | "signal"> {
  /** How each item's clips are chosen. */
  readonly sampler: ClipSamplerOptions & SamplerSeed;
}

/**
 * Batches of clips from many videos: one pass over a data set. Each item is opened, sampled and decoded in one task of a
 * worker, straight into the memory of its batch; batches come in the order of the items, whichever worker is done first.
 *
 * Iterating throws E_CLOSED when the pool is closed, the signal's reason when aborted, what the iterable of items throws,
 * and with onError "throw" an item's own error, E_FRAME_SIZE for one whose frames are of another size than the first
 * item's among them. Leaving the loop cancels what is under way and closes what was opened.
 */
export class ClipLoader<K = number, D extends DType = "uint8"> extends Loader<LoadedBatch<K, D>> {
  constructor(options: ClipLoaderOptions<K, D>) {
    const { host, common, rest } = splitOptions<K, typeof options>(options);
    const decoder = decoderSettings<D>(rest);
    const sampler = clipSampler(options.sampler, ["seed"]);
    const settings = { ...common, readTimeoutMs: decoder.readTimeoutMs };
    super(settings, async (start) => {
      const clips = await host.clips(settings.signal);
      const kind = new FrameClips<K, D>(decoder, openSpec(decoder, clips.limits), sampler);
      return new Epoch(clips, settings, kind, start);
    });
  }

  /**
   * A loader that goes on after the last batch that was taken before `state()`: with the same options, on any machine, the
   * rest of the pass is what it would have been. Throws FramepoolTypeError where options and state differ.
   */
  static from<K = number, D extends DType = "uint8">(
    state: ClipLoaderState,
    options: ClipLoaderOptions<K, D>,
  ): ClipLoader<K, D> {
    const { seed } = checkState(state);
    return new ClipLoader({ ...options, sampler: { ...options.sampler, seed } }).startAt(state);
  }
}
