import { checkObject, checkSignal, finite, isIterable, knownKeys, optional, positive } from "./arguments.js";
import { LinkedAbort } from "./async/abort.js";
import type { AudioDecoder } from "./audio-decoder.js";
import type { AudioDecoderOptions } from "./audio/options.js";
import type { AudioSamples } from "./audio/samples.js";
import { FramepoolError, argumentError, isInstance } from "./errors.js";
import type { StreamDescription } from "./media/description.js";
import type { CallOptions } from "./video/call-options.js";
import type { VideoDecoder } from "./video-decoder.js";
import type { FrameBatch } from "./video/frame.js";
import type { VideoDecoderOptions } from "./video/options.js";

/** From a time, inclusive, to a time, exclusive: seconds on the file's clock. */
export type TimeWindow = readonly [startSeconds: number, stopSeconds: number];

export interface MediaClipsOptions extends CallOptions {
  /** One window or several; ascending ones are decoded best. */
  readonly seconds: TimeWindow | Iterable<TimeWindow>;
  /**
   * How pictures are decoded; with `fps`, resampled as by getFramesPlayedInRange. `true`: as they are; `false`: none. Default `true` where the
   * file has a film, which a cover is not.
   */
  readonly video?: boolean | ClipVideoOptions | undefined;
  /** The same of sound. Default `true` where the file has any. */
  readonly audio?: boolean | ClipAudioOptions | undefined;
}

/** What of the pictures a clip holds: the options of a `VideoDecoder`, and a rate. */
export interface ClipVideoOptions extends Omit<VideoDecoderOptions, "readTimeoutMs" | "signal"> {
  /** Frames a second. Default: each frame once. */
  readonly fps?: number | undefined;
}

/** What of the sound a clip holds: the options of an `AudioDecoder`. */
export type ClipAudioOptions = Omit<AudioDecoderOptions, "readTimeoutMs" | "signal">;

/** Pictures and sound of one window, on one clock. */
export class MediaClip {
  /** Of the window, inclusive, on the file's clock. */
  readonly startSeconds: number;
  /** Of the window, exclusive, on the file's clock. */
  readonly stopSeconds: number;
  /** What is on screen in the window, also what is there already at its start. null: none was asked for, or none is there. */
  readonly video: FrameBatch | null;
  /** What begins to be played in the window. null: none was asked for, or none is there. */
  readonly audio: AudioSamples | null;

  /** @internal */
  constructor([start, stop]: TimeWindow, video: FrameBatch | null, audio: AudioSamples | null) {
    this.startSeconds = start;
    this.stopSeconds = stop;
    this.video = video;
    this.audio = audio;
  }

  /** Of both; optional: their memory is then used again sooner. */
  release(): void {
    this.video?.release();
    this.audio?.release();
  }

  /** `release()`, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}

interface Stoppable {
  readonly signal: AbortSignal;
}

/** What a file makes decoders of. */
interface ClipDecoders {
  video(options: Omit<ClipVideoOptions, "fps"> & Stoppable): Promise<VideoDecoder>;
  audio(options: ClipAudioOptions & Stoppable): Promise<AudioDecoder>;
}

interface ClipsPlan {
  readonly windows: readonly TimeWindow[];
  /** undefined: no pictures. */
  readonly video: ClipVideoOptions | undefined;
  /** undefined: no sound. */
  readonly audio: ClipAudioOptions | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Throws FramepoolTypeError. */
export function clipsPlan(options: MediaClipsOptions, streams: readonly StreamDescription[]): ClipsPlan {
  knownKeys("options", options, ["seconds", "video", "audio", "signal"]);
  checkSignal(options.signal);
  const hasFilm = streams.some((stream) => stream.kind === "video" && !stream.isCover);
  const video = wanted("options.video", options.video ?? hasFilm);
  const audio = wanted("options.audio", options.audio ?? streams.some(({ kind }) => kind === "audio"));
  if (video === undefined && audio === undefined) {
    throw argumentError("options", "video, audio or both to be asked for, of a file that has it", "neither");
  }
  optional(positive, "options.video.fps", video?.fps);
  return { windows: windowsOf(options.seconds), video, audio, signal: options.signal };
}

/** Rejects with the signal's reason, and with what the decoders reject with; E_OUT_OF_RANGE for a window in which there is nothing. */
export async function* decodeClips(
  decoders: ClipDecoders,
  { windows, video, audio, signal }: ClipsPlan,
): AsyncGenerator<MediaClip, void, undefined> {
  const linked = new LinkedAbort(signal);
  const { fps, ...pictures } = video ?? {};
  const open = await both(
    video && decoders.video({ ...pictures, signal: linked.signal }),
    audio && decoders.audio({ ...audio, signal: linked.signal }),
    (decoder) => void decoder.close(),
  );
  const decode = (window: TimeWindow | undefined): Promise<MediaClip> | undefined => {
    const clip = window && decodeClip(open, window, fps, linked.signal);
    // Nobody waits for it yet.
    clip?.catch(() => undefined);
    return clip;
  };
  let ahead = decode(windows[0]);
  try {
    for (let i = 1; ahead !== undefined; i++) {
      const clip: MediaClip = await ahead;
      ahead = decode(windows[i]);
      yield clip;
    }
  } finally {
    linked.abort(new DOMException("the iteration ended", "AbortError"));
    ahead?.then(
      (clip) => clip.release(),
      () => undefined,
    );
    for (const decoder of open) await decoder?.close();
  }
}

async function decodeClip(
  [video, audio]: readonly [VideoDecoder | undefined, AudioDecoder | undefined],
  window: TimeWindow,
  fps: number | undefined,
  signal: AbortSignal,
): Promise<MediaClip> {
  const [start, stop] = window;
  const [frames, samples] = await both(
    video && decodePictures(video, window, fps, signal),
    audio && decodeSound(audio, window, signal),
    (part) => part?.release(),
  );
  if (frames !== undefined || samples !== undefined) return new MediaClip(window, frames ?? null, samples ?? null);
  throw new FramepoolError("E_OUT_OF_RANGE", `there is nothing from ${String(start)} s to ${String(stop)} s`);
}

/** The part of the window in which there are pictures; the steps of `fps` are counted from the window's start all the same. */
async function decodePictures(
  video: VideoDecoder,
  [start, stop]: TimeWindow,
  fps: number | undefined,
  signal: AbortSignal,
): Promise<FrameBatch | undefined> {
  const { beginStreamSeconds: begin, endStreamSeconds } = video.metadata;
  const missing = Math.max(0, begin - start);
  const from = start + (fps === undefined ? missing : Math.ceil(missing * fps) / fps);
  const to = Math.min(stop, endStreamSeconds ?? stop);
  return from < to ? await video.getFramesPlayedInRange(from, to, { fps, signal }) : undefined;
}

async function decodeSound(
  audio: AudioDecoder,
  [start, stop]: TimeWindow,
  signal: AbortSignal,
): Promise<AudioSamples | undefined> {
  try {
    const samples = await audio.getSamplesPlayedInRange(start, stop, { signal });
    return samples.shape[1] === 0 ? undefined : samples;
  } catch (error) {
    // It ends before the window, or begins after it.
    if (isInstance(error, FramepoolError) && error.code === "E_OUT_OF_RANGE") return undefined;
    throw error;
  }
}

/** Waits for both, and gives back what came of one when the other failed. */
async function both<A, B>(
  first: Promise<A> | undefined,
  second: Promise<B> | undefined,
  giveBack: (value: A | B) => void,
): Promise<readonly [A | undefined, B | undefined]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  for (const outcome of [a, b]) {
    if (outcome.status === "fulfilled" && outcome.value !== undefined) giveBack(outcome.value);
  }
  throw (a.status === "rejected" ? a : (b as PromiseRejectedResult)).reason;
}

function wanted<O extends object>(name: string, option: boolean | O): O | undefined {
  if (typeof option === "boolean") return option ? ({} as O) : undefined;
  checkObject(name, option, "true, false or an object");
  return option;
}

function windowsOf(seconds: unknown): readonly TimeWindow[] {
  const expected = "[start, stop], or a list of such";
  if (!isIterable(seconds)) throw argumentError("options.seconds", expected, seconds);
  const list = [...seconds];
  if (typeof list[0] === "number") return [windowOf("options.seconds", list)];
  return list.map((window, i) => windowOf(`options.seconds[${String(i)}]`, window));
}

function windowOf(name: string, window: unknown): TimeWindow {
  if (!Array.isArray(window) || window.length !== 2) throw argumentError(name, "[start, stop]", window);
  const start = finite(`${name}[0]`, window[0]);
  const stop = finite(`${name}[1]`, window[1]);
  if (start >= stop) throw argumentError(`${name}[1]`, `a number above ${String(start)} (its start)`, stop);
  return [start, stop];
}
