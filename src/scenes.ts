import { checkSignal, finite, knownKeys } from "./arguments.js";
import type { DecoderPool } from "./decoder-pool.js";
import { argumentError } from "./errors.js";
import { type OverVideoOptions, checkPool, openOn } from "./open-on.js";
import type { MediaSource } from "./sources/media-source.js";
import type { FrameBatch } from "./video/frame.js";
import * as transforms from "./video/transforms.js";

/** What counts as a cut, and how the video is opened. */
export interface ScenesOptions extends OverVideoOptions {
  /** From what score on a picture begins a scene: above 0, to 100. Default 10. */
  readonly threshold?: number | undefined;
}

/** Pictures between two cuts. */
export interface Scene {
  /** The first frame. */
  readonly start: number;
  /** The frame behind the last. */
  readonly stop: number;
  /** When its first frame comes on screen, on the file's clock. */
  readonly startSeconds: number;
  /** When its last frame's time on screen ends. */
  readonly stopSeconds: number;
  /** Of the cut that it begins with, 0 to 100: see `scenes`. Of the first scene 100. */
  readonly score: number;
}

/** What frames are looked at as: grey pictures of this size. */
const [height, width] = [36, 64];
const pixels = height * width;
const framesAtOnce = 256;
const usualThreshold = 10;

/**
 * The scenes of a video, as they end. Each frame is looked at as a grey picture of 64x36: how far its pixels lie from those of the
 * frame before, on average and in percent of the way from black to white, is its change. Its score is its change, or by how much that
 * differs from the change of the frame before where that is less: what moves all the time is no cut. A frame whose score reaches the threshold
 * begins a scene. (The measure of FFmpeg's scdet, on small pictures.) Frames that cannot be decoded are passed over. Throws as
 * `openVideo` and `frames` do.
 */
export function scenes(source: MediaSource, options: ScenesOptions = {}): AsyncGenerator<Scene, void, undefined> {
  knownKeys("options", options, ["streamIndex", "codecs", "signal", "threshold", "pool"]);
  const { threshold = usualThreshold, pool, ...decoding } = options;
  checkSignal(options.signal);
  if (!(finite("options.threshold", threshold) > 0 && threshold <= 100))
    throw argumentError("options.threshold", "a number above 0, to 100", threshold);
  checkPool(pool);
  return scenesOf(source, decoding, threshold, pool);
}

async function* scenesOf(
  source: MediaSource,
  decoding: Omit<OverVideoOptions, "pool">,
  threshold: number,
  pool: DecoderPool | undefined,
): AsyncGenerator<Scene, void, undefined> {
  const settings = {
    ...decoding,
    pixelFormat: "gray8",
    onError: "skip",
    transforms: [transforms.resize([height, width], { fast: true })],
  } as const;
  const video = await openOn(pool, source, settings);
  try {
    const changes = new Changes();
    let scene = { start: 0, startSeconds: video.metadata.beginStreamSeconds, score: 100 };
    for await (const batch of video.batches({ size: framesAtOnce, signal: decoding.signal })) {
      const cuts = changes.cutsIn(batch, threshold);
      batch.release();
      for (const { index, ptsSeconds, score } of cuts) {
        yield { ...scene, stop: index, stopSeconds: ptsSeconds };
        scene = { start: index, startSeconds: ptsSeconds, score };
      }
    }
    if (video.length > scene.start)
      yield { ...scene, stop: video.length, stopSeconds: video.metadata.endStreamSeconds ?? scene.startSeconds };
  } finally {
    await video.close();
  }
}

interface Cut {
  readonly index: number;
  readonly ptsSeconds: number;
  readonly score: number;
}

/** Remembers the last frame, and how much that had changed. */
class Changes {
  readonly #before = new Uint8Array(pixels);
  #isFirst = true;
  #change = 0;

  cutsIn(batch: FrameBatch<"uint8">, threshold: number): Cut[] {
    const cuts: Cut[] = [];
    for (const frame of batch) {
      if (frame.status === "skipped") continue;
      const score = this.#score(frame.data);
      if (score >= threshold) cuts.push({ index: frame.index, ptsSeconds: frame.ptsSeconds, score });
    }
    return cuts;
  }

  #score(picture: Uint8Array): number {
    let sum = 0;
    for (let i = 0; i < pixels; i++) sum += Math.abs((picture[i] ?? 0) - (this.#before[i] ?? 0));
    this.#before.set(picture);
    if (this.#isFirst) {
      this.#isFirst = false;
      return 0;
    }
    const change = (100 * sum) / (255 * pixels);
    const score = Math.min(change, Math.abs(change - this.#change));
    this.#change = change;
    return score;
  }
}
