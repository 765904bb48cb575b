import { checkObject, integer, knownKeys, positive } from "../arguments.js";
import type { DecoderPool } from "../decoder-pool.js";
import { argumentError } from "../errors.js";
import type { Frame, FrameBatch } from "../video/frame.js";
import type { MediaSource } from "../sources/media-source.js";
import { VideoDecoder } from "../video-decoder.js";
import { type Channels, imageOf } from "./images.js";

/** What is used of @huggingface/transformers. */
export interface RawImageModule<I> {
  /** Its class of pictures. */
  readonly RawImage: new (data: Uint8Array, width: number, height: number, channels: Channels) => I;
}

export interface RawVideoModule<I, F, V> extends RawImageModule<I> {
  /** Its class of a picture with its time, in seconds. */
  readonly RawVideoFrame: new (image: I, timestamp: number) => F;
  /** Its class of such pictures, with the duration in seconds. */
  readonly RawVideo: new (frames: F[], duration: number) => V;
}

/** What `toRawAudio` needs of transformers.js. */
export interface RawAudioModule<A> {
  /** Its class of sound. */
  readonly RawAudio: new (audio: Float32Array, samplingRate: number) => A;
}

/** A RawImage of a frame (uint8, NHWC), with a copy of its pixels: the frame may be released. */
export function toRawImage<I>(transformers: RawImageModule<I>, frame: Frame): I {
  const { data, width, height, channels } = imageOf(frame);
  return new transformers.RawImage(data.slice(), width, height, channels);
}

/** A RawVideo of the frames, each with its pts; `durationSeconds` by default from the first one's start to the last one's end. */
export function toRawVideo<I, F, V>(
  transformers: RawVideoModule<I, F, V>,
  frames: Iterable<Frame>,
  durationSeconds?: number,
): V {
  checkObject("frames", frames, "frames", [Symbol.iterator]);
  const all = [...frames];
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined) throw argumentError("frames", "at least one frame", "none");
  const images = all.map((frame) => new transformers.RawVideoFrame(toRawImage(transformers, frame), frame.ptsSeconds));
  return new transformers.RawVideo(
    images,
    durationSeconds ?? last.ptsSeconds + last.durationSeconds - first.ptsSeconds,
  );
}

/** A RawAudio of samples of one channel, with a copy: open the sound with `numChannels: 1` and the model's `sampleRate`. */
export function toRawAudio<A>(
  transformers: RawAudioModule<A>,
  samples: { readonly data: Float32Array; readonly shape: readonly number[]; readonly sampleRate: number },
): A {
  checkObject("samples", samples, "samples of an AudioDecoder", ["data", "shape", "sampleRate"]);
  const [channels] = samples.shape;
  if (channels !== 1) throw argumentError("samples", "one channel (numChannels: 1)", `${String(channels)} channels`);
  return new transformers.RawAudio(samples.data.slice(), samples.sampleRate);
}

/** What `loadVideo` takes beside the source: a pool, how many frames, and a signal. */
export type LoadVideoOptions = {
  /** Default: the shared pool that VideoDecoder.open uses. */
  readonly pool?: DecoderPool | undefined;
  /** The call rejects with its reason, at once, when it aborts. */
  readonly signal?: AbortSignal | undefined;
} & (
  | {
      /** Spread evenly from the first frame to the last; one alone is taken from the middle. */ readonly numFrames: number;
    }
  | {
      /** Frames a second, from the beginning. */
      readonly fps: number;
    }
);

/**
 * What transformers.js' `load_video` does in a browser, and refuses to do in Node: frames of a video, evenly spaced, as a
 * RawVideo whose timestamps count from the video's beginning.
 */
export async function loadVideo<I, F, V>(
  transformers: RawVideoModule<I, F, V>,
  source: MediaSource,
  options: LoadVideoOptions,
): Promise<V> {
  knownKeys("options", options, ["numFrames", "fps", "pool", "signal"]);
  const { pool, signal } = options;
  const spacing = spacingOf(options);
  const video = await (pool === undefined ? VideoDecoder.open(source, { signal }) : pool.openVideo(source, { signal }));
  try {
    const { beginStreamSeconds: begin, endStreamSeconds } = video.metadata;
    const end = endStreamSeconds ?? begin;
    const times = spacing(end - begin);
    // A single picture may be on screen for no time at all.
    const shown = times.map((time) => Math.max(begin, Math.min(begin + time, end - leastSeconds)));
    const batch = await video.getFramesPlayedAt(shown, { signal });
    const frames = images(transformers, batch, times);
    batch.release();
    return new transformers.RawVideo(frames, end - begin);
  } finally {
    await video.close();
  }
}

/** The last frame is on screen longer than this before the end. */
const leastSeconds = 1e-6;

function spacingOf(options: object): (duration: number) => number[] {
  const { numFrames, fps } = options as { readonly numFrames?: unknown; readonly fps?: unknown };
  if ((numFrames === undefined) === (fps === undefined)) throw argumentError("options", "numFrames or fps", options);
  if (numFrames === undefined) {
    const rate = positive("options.fps", fps);
    return (duration) => Array.from({ length: Math.max(1, Math.floor(duration * rate)) }, (_, i) => i / rate);
  }
  const count = integer("options.numFrames", numFrames, 1, 2 ** 24);
  return (duration) =>
    count === 1 ? [duration / 2] : Array.from({ length: count }, (_, i) => (i * duration) / (count - 1));
}

function images<I, F, V>(transformers: RawVideoModule<I, F, V>, batch: FrameBatch, times: readonly number[]): F[] {
  return times.map((time, i) => new transformers.RawVideoFrame(toRawImage(transformers, batch.frame(i)), time));
}
