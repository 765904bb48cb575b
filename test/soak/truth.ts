import {
  DecoderPool,
  FramepoolError,
  type Frame,
  type FrameStatus,
  type VideoDecoder,
  type VideoDecoderOptions,
} from "../../src/index.js";
import { digest } from "../api/support/pixels.js";
import { truth } from "../api/support/truth.js";
import type { SoakFile } from "./media.js";

/** What a frame looks like, apart from where it comes from. */
export type Format = Pick<VideoDecoderOptions, "pixelFormat" | "dimensionOrder" | "dtype" | "transforms">;

export const native: Format = { pixelFormat: "native" };

/** A frame as decoding from the start to the end gives it. */
export interface LinearFrame {
  readonly status: FrameStatus;
  readonly ptsSeconds: number;
  /** Of the pixels; empty where the frame cannot be decoded. */
  readonly digest: string;
  /** Size and pixel format: what frames of one batch have in common. */
  readonly shape: string;
}

/** Decoding from start to end, by one thread, is not what FFmpeg gives. */
class LinearIsWrong extends Error {}

/**
 * What is right for every frame of a file, in memory as digests: decoded once from the start to the end by one thread,
 * each format by itself; the native one is compared with what the ffmpeg command gives.
 */
export class Truth {
  /** Files whose decoding from start to end is not what FFmpeg gives: they can be no measure. */
  readonly wrong: string[] = [];
  readonly #pool = new DecoderPool({ workers: 1 });
  readonly #known = new Map<string, Promise<readonly LinearFrame[] | undefined>>();

  /** undefined where the file has no video, or is `wrong`. */
  async of(file: SoakFile, format: Format): Promise<readonly LinearFrame[] | undefined> {
    const checked = await this.#once(file, native);
    return checked === undefined || format === native ? checked : await this.#once(file, format);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #once(file: SoakFile, format: Format): Promise<readonly LinearFrame[] | undefined> {
    const key = `${file.name} ${JSON.stringify(format)}`;
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = this.#found(file, format)));
    return known;
  }

  async #found(file: SoakFile, format: Format): Promise<readonly LinearFrame[] | undefined> {
    try {
      return await this.#find(file, format);
    } catch (error) {
      if (!(error instanceof LinearIsWrong) && !(error instanceof FramepoolError)) throw error;
      this.wrong.push(`${file.name} from start to end, ${JSON.stringify(format)}: ${error.message}`);
      return undefined;
    }
  }

  async #find(file: SoakFile, format: Format): Promise<readonly LinearFrame[] | undefined> {
    const path = file.path();
    let video: VideoDecoder;
    try {
      video = await this.#pool.openVideo(path, { ...format, onError: "skip", threadsPerWorker: 1 });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "E_NO_STREAM") return undefined;
      throw error;
    }
    const frames: LinearFrame[] = [];
    for await (const frame of video.frames()) {
      while (frames.length < frame.index) frames.push(skipped);
      frames.push(described(frame));
      frame.release();
    }
    while (frames.length < video.length) frames.push(skipped);
    await video.close();
    if (format === native) compare(file, String(video.metadata.streamIndex), frames);
    return frames;
  }
}

const skipped: LinearFrame = { status: "skipped", ptsSeconds: NaN, digest: "", shape: "" };

function described(frame: Frame): LinearFrame {
  const { status, ptsSeconds, pixelFormat, shape, width, height } = frame;
  return { status, ptsSeconds, digest: digest(frame), shape: `${pixelFormat} ${width}x${height} ${shape.join("x")}` };
}

/** The tools print six decimals. */
const rounding = 2e-6;

function compare(file: SoakFile, stream: string, frames: readonly LinearFrame[]): void {
  const wrong = (what: string): LinearIsWrong => new LinearIsWrong(`${what} is not ffmpeg's`);
  const expected = truth(file.path(), stream);
  if (file.isDamaged) {
    const all = new Set(expected.map(({ md5 }) => md5));
    const strange = frames.findIndex(({ status, digest: own }) => status === "ok" && !all.has(own));
    if (strange >= 0) throw wrong(`frame ${strange}`);
    return;
  }
  if (frames.length !== expected.length) throw wrong(`the number of frames, ${frames.length} for ${expected.length},`);
  expected.forEach(({ md5, pts }, index) => {
    const own = frames[index];
    if (own?.digest !== md5) throw wrong(`frame ${index} (${String(own?.status)})`);
    if (pts !== null && Math.abs(own.ptsSeconds - pts) > rounding) throw wrong(`the pts of frame ${index}`);
  });
}
