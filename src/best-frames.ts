import type { DecoderPool } from "./decoder-pool.js";
import { checkSignal, integer, knownKeys, optional, positive } from "./arguments.js";
import { argumentError } from "./errors.js";
import { open } from "./media.js";
import { type OverVideoOptions, checkPool } from "./open-on.js";
import { type Look, lookAt } from "./video/picture-look.js";
import type { Scene } from "./scenes.js";
import type { MediaSource } from "./sources/media-source.js";
import type { FrameSelection } from "./video/frame-selection.js";
import * as transforms from "./video/transforms.js";
import type { VideoDecoder } from "./video-decoder.js";

/** Which frames are wanted, and how far from them a better one may lie. Exactly one of `select` and `ranges`. */
export interface BestFramesOptions extends OverVideoOptions {
  /** Frames that are wanted: each is looked for around it, no farther than halfway to those before and behind it. */
  readonly select?: FrameSelection | undefined;
  /** Frames among which one is wanted of each, as `scenes` tells them: first, and the one behind the last. */
  readonly ranges?: Iterable<Pick<Scene, "start" | "stop">> | undefined;
  /** How far a better one may lie, at most, in seconds at the video's average rate. Default 1 with `select`, no limit with `ranges`. */
  readonly withinSeconds?: number | undefined;
}

/** The best frame for one that is wanted. */
export interface BestFrame {
  /** Its number. */
  readonly index: number;
  /** When it comes on screen, on the file's clock. */
  readonly ptsSeconds: number;
  /** The frame that it stands for: the one that was selected, or the middle of the range. */
  readonly wanted: number;
  /** 0 to 255: how much its pixels differ from their neighbours, and would not if it were blurred. */
  readonly detail: number;
}

/** Looked at of those around a wanted one, itself included. */
const mostCandidates = 9;
const usualSeconds = 1;
/** A frame is only left for one that has so many times its detail. */
const clearlyMore = 1.1;
const framesAtOnce = 64;
/** What frames are looked at as: grey pictures of this width, of smaller videos their own. */
const lookedAtWidth = 320;

interface Place {
  readonly wanted: number;
  readonly candidates: readonly number[];
}

/**
 * For each wanted frame the best one near it: the frame itself, or, where that is black, blank, blurred or has clearly less detail, another of up
 * to nine that lie evenly around it. In their order; where all are black, blank or blurred there is none.
 *
 * Each is looked at as a grey picture that is 320 wide at most. Black: 98 % of its pixels are at most 32 of 255 (as FFmpeg's blackframe has it).
 * Blank: neighbouring pixels differ by less than half a step on average. Blurred: a mean over 9 pixels, along the rows or
 * down the columns, takes less than 40 % of those differences (the measure of Crété and others, 2007). Detail: what it takes, on average.
 * Throws as `openVideo` and `batches` do.
 */
export function bestFrames(
  source: MediaSource,
  options: BestFramesOptions,
): AsyncGenerator<BestFrame, void, undefined> {
  knownKeys("options", options, ["streamIndex", "codecs", "signal", "pool", "select", "ranges", "withinSeconds"]);
  const { select, ranges, withinSeconds, pool, ...decoding } = options;
  checkSignal(options.signal);
  checkPool(pool);
  if ((select === undefined) === (ranges === undefined))
    throw argumentError("options", "one of select and ranges", options);
  optional(positive, "options.withinSeconds", withinSeconds);
  return bestOf(source, decoding, { select, ranges, withinSeconds }, pool);
}

async function* bestOf(
  source: MediaSource,
  decoding: Omit<OverVideoOptions, "pool">,
  { select, ranges, withinSeconds: within }: Pick<BestFramesOptions, "select" | "ranges" | "withinSeconds">,
  pool: DecoderPool | undefined,
): AsyncGenerator<BestFrame, void, undefined> {
  const settings = { ...decoding, pixelFormat: "gray8", onError: "skip" } as const;
  const { signal } = decoding;
  // Only the first decoder tells how wide the pictures are; a stream can be read for one opening alone.
  const media = await (pool === undefined ? open(source, { signal }) : pool.open(source, { signal }));
  try {
    let video = await media.video(settings);
    if (video.metadata.width > lookedAtWidth) {
      await video.close();
      const resized = [transforms.resize({ width: lookedAtWidth }, { fast: true })];
      video = await media.video({ ...settings, transforms: resized });
    }
    const framesIn = (seconds: number): number => seconds * (video.metadata.averageFps ?? 0);
    const places =
      select === undefined
        ? [...(ranges ?? [])].map((range) => placeOf(video, range, within === undefined ? Infinity : framesIn(within)))
        : placesAround(video.select(select).indices, video.length, framesIn(within ?? usualSeconds));
    const looks = await looksAt(video, places, signal);
    for (const place of places) {
      const best = bestIn(place, looks);
      if (best !== undefined) yield best;
    }
  } finally {
    await media.close();
  }
}

function placesAround(wanted: Int32Array, frames: number, reach: number): Place[] {
  const ascending = [...new Set(wanted)].sort((a, b) => a - b);
  const rank = new Map(ascending.map((frame, i) => [frame, i]));
  return Array.from(wanted, (frame) => {
    const i = rank.get(frame) ?? 0;
    const [before, behind] = [ascending[i - 1], ascending[i + 1]];
    // What lies in the middle of two is the later one's.
    const first = before === undefined ? 0 : Math.ceil((before + frame) / 2);
    const last = behind === undefined ? frames - 1 : Math.ceil((frame + behind) / 2) - 1;
    return { wanted: frame, candidates: candidatesIn(first, last, frame, reach) };
  });
}

function placeOf(video: VideoDecoder<"uint8">, range: Pick<Scene, "start" | "stop">, reach: number): Place {
  const { start, stop } = range;
  const first = integer("start of options.ranges", start, 0, 2 ** 31 - 2);
  const last = integer("stop of options.ranges", stop, first + 1, 2 ** 31 - 1) - 1;
  // Throws where there is no such frame.
  video.select({ indices: [last] });
  const wanted = Math.floor((first + last) / 2);
  return { wanted, candidates: candidatesIn(first, last, wanted, reach) };
}

/** Evenly to both sides, nearest first. */
function candidatesIn(first: number, last: number, wanted: number, reach: number): number[] {
  const side = (mostCandidates - 1) / 2;
  const [before, behind] = [Math.min(wanted - first, reach), Math.min(last - wanted, reach)];
  const found = new Set([wanted]);
  for (let i = 1; i <= side; i++) {
    found.add(wanted - Math.floor((before * i) / side)).add(wanted + Math.floor((behind * i) / side));
  }
  return [...found];
}

interface Seen extends Look {
  readonly ptsSeconds: number;
}

async function looksAt(
  video: VideoDecoder<"uint8">,
  places: readonly Place[],
  signal: AbortSignal | undefined,
): Promise<Map<number, Seen>> {
  const indices = [...new Set(places.flatMap(({ candidates }) => candidates))].sort((a, b) => a - b);
  const looks = new Map<number, Seen>();
  for await (const batch of video.batches({ indices, size: framesAtOnce, signal })) {
    for (const { status, index, ptsSeconds, data, width, height } of batch) {
      if (status !== "skipped") looks.set(index, { ptsSeconds, ...lookAt(data, width, height) });
    }
    batch.release();
  }
  return looks;
}

function bestIn({ wanted, candidates }: Place, looks: ReadonlyMap<number, Seen>): BestFrame | undefined {
  let best: BestFrame | undefined;
  for (const index of candidates) {
    const look = looks.get(index);
    if (look?.isGood !== true) continue;
    const { ptsSeconds, detail } = look;
    if (best === undefined || detail > best.detail * (best.index === wanted ? clearlyMore : 1))
      best = { index, ptsSeconds, wanted, detail };
  }
  return best;
}
