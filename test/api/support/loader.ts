import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { AudioClipLoader, ClipLoader, ClipLoaderOptions } from "../../../src/loader/index.js";
import type { DType } from "../../../src/index.js";
import { clip } from "./ffmpeg.js";

/** 100 frames of 96x64 at 25 a second, as `plain` but twice as long. */
export const longer = (): string =>
  clip("longer.mp4", [
    ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "100"],
    ...["-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p", "-g", "12", "-bf", "2"],
  ]);

/** So many files of their own. */
export function copies(path: string, count: number, folder: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const copy = join(folder, `${String(i).padStart(4, "0")}${path.slice(path.lastIndexOf("."))}`);
    copyFileSync(path, copy);
    return copy;
  });
}

/** A clip as it came: its item's key and its frames' numbers. */
export interface Seen {
  readonly key: unknown;
  readonly indices: readonly number[];
}

/** Every clip of an iteration, in order; the batches are released. `most`: leave after so many batches. */
export async function seen<K>(loader: ClipLoader<K, DType>, most = Infinity): Promise<Seen[]> {
  const clips: Seen[] = [];
  let batches = 0;
  for await (const batch of loader) {
    batch.keys.forEach((key, i) => clips.push({ key, indices: [...batch.clip(i).indices] }));
    batch.release();
    if (++batches >= most) break;
  }
  return clips;
}

export interface HeardClip {
  readonly key: unknown;
  readonly ptsSeconds: number;
  readonly numSamples: number;
  readonly samples: Float32Array;
}

/** Every clip of sound of an iteration, in order, its samples copied; the batches are released. */
export async function heard<K>(loader: AudioClipLoader<K>, most = Infinity): Promise<HeardClip[]> {
  const clips: HeardClip[] = [];
  let batches = 0;
  for await (const batch of loader) {
    batch.keys.forEach((key, i) => {
      const ptsSeconds = batch.ptsSeconds[i] ?? NaN;
      const numSamples = batch.numSamples[i] ?? NaN;
      clips.push({ key, ptsSeconds, numSamples, samples: batch.clip(i).slice() });
    });
    batch.release();
    if (++batches >= most) break;
  }
  return clips;
}

export const keys = (clips: readonly { readonly key: unknown }[]): unknown[] => clips.map(({ key }) => key);

/** As a source that tells its items one by one, and whether it was left. */
export class ItemStream<T> {
  taken = 0;
  left = false;
  readonly #items: readonly T[];

  constructor(items: readonly T[]) {
    this.#items = items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (const item of this.#items) {
        this.taken++;
        yield await Promise.resolve(item);
      }
    } finally {
      this.left = true;
    }
  }
}

export type Sampler = ClipLoaderOptions["sampler"];
