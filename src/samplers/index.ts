import { ClipBatch } from "../video/clip-batch.js";
import type { FrameBatch } from "../video/frame.js";
import { checkObject, integer } from "../arguments.js";
import { type IndexSampler, type TimeSampler, clipIndices, clipTimes } from "../protocol/clip-plan.js";
import type { Random } from "../protocol/random.js";
import type { DType } from "../protocol/output.js";
import { uniform } from "../protocol/selection.js";
import type { CallOptions } from "../video/call-options.js";
import type { VideoDecoder } from "../video-decoder.js";
import {
  type DrawOptions,
  type IndexSamplerOptions,
  type RandomTimestampsOptions,
  type RegularTimestampsOptions,
  drawsOf,
  indexSampler,
  randomTimeSampler,
  regularTimeSampler,
} from "./options.js";

export { seededRandom } from "../protocol/random.js";

/**
 * Clips of evenly spaced frames, torchcodec's samplers. All clips of a call are decoded as one request and come as one
 * batch of shape [clips, frames, height, width, channels] or [clips, frames, channels, height, width]. They reject as the
 * decoder's getters do; E_OUT_OF_RANGE also says that a range does not fit the video, or that a clip does not with the
 * policy "error"; E_METADATA that a time sampler lacks the frame rate or the end.
 */

/** Clips that start at frames drawn evenly from the range, each as likely as any other; in the order of the draws. */
export async function clipsAtRandomIndices<D extends DType>(
  decoder: VideoDecoder<D>,
  options: IndexSamplerOptions & DrawOptions & CallOptions = {},
): Promise<ClipBatch<D>> {
  const sampler = indexSampler("randomIndices", options, randomKeys);
  return await byIndex(decoder, sampler, drawsOf(options), options.signal);
}

/** Clips whose starts are spread evenly over the range, its first and last frame among them; repeated in a short one. */
export async function clipsAtRegularIndices<D extends DType>(
  decoder: VideoDecoder<D>,
  options: IndexSamplerOptions & CallOptions = {},
): Promise<ClipBatch<D>> {
  return await byIndex(decoder, indexSampler("regularIndices", options, regularKeys), Math.random, options.signal);
}

/** Clips that start at times drawn evenly from the range; in the order of the draws. */
export async function clipsAtRandomTimestamps<D extends DType>(
  decoder: VideoDecoder<D>,
  options: RandomTimestampsOptions & DrawOptions & CallOptions = {},
): Promise<ClipBatch<D>> {
  return await byTime(decoder, randomTimeSampler(options, randomKeys), drawsOf(options), options.signal);
}

/** Clips that start every `secondsBetweenClipStarts`: as many as the range has room for. */
export async function clipsAtRegularTimestamps<D extends DType>(
  decoder: VideoDecoder<D>,
  options: RegularTimestampsOptions & CallOptions,
): Promise<ClipBatch<D>> {
  return await byTime(decoder, regularTimeSampler(options, regularKeys), Math.random, options.signal);
}

/**
 * `count` frames, evenly spread from the first to the last one: floor(i * (n - 1) / (count - 1)) of n frames. A short
 * video's are repeated.
 */
export async function uniformFrames<D extends DType>(
  decoder: VideoDecoder<D>,
  count: number,
  options: CallOptions = {},
): Promise<FrameBatch<D>> {
  checkDecoder(decoder);
  return await decoder.getFramesAt(uniform(decoder.length, integer("count", count, 1, 2 ** 24)), options);
}

const checkDecoder = (decoder: VideoDecoder): void => {
  checkObject("decoder", decoder, "a VideoDecoder", ["metadata", "length", "getFramesAt"]);
};

const regularKeys = ["signal"];
const randomKeys = [...regularKeys, "seed", "generator"];

async function byIndex<D extends DType>(
  decoder: VideoDecoder<D>,
  sampler: IndexSampler,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<ClipBatch<D>> {
  checkDecoder(decoder);
  const indices = clipIndices(sampler, decoder.length, random);
  return new ClipBatch(await decoder.getFramesAt(indices, { signal }), sampler.numFramesPerClip);
}

async function byTime<D extends DType>(
  decoder: VideoDecoder<D>,
  sampler: TimeSampler,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<ClipBatch<D>> {
  checkDecoder(decoder);
  const { averageFps, beginStreamSeconds, endStreamSeconds } = decoder.metadata;
  const extent = { averageFps, beginSeconds: beginStreamSeconds, endSeconds: endStreamSeconds };
  const times = clipTimes(sampler, extent, random);
  return new ClipBatch(await decoder.getFramesPlayedAt(times, { signal }), sampler.numFramesPerClip);
}
