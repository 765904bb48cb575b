import { type Hash, createHash } from "node:crypto";
import type { Work } from "../model.js";

/** A contender that is ready: its library loaded, its threads made. */
export interface Runner {
  /**
   * Does the work once; the time until it resolves is what counts. With a digest it also tells the pixels.
   * What it made stays in memory until release().
   */
  run(work: Work, files: readonly string[], digest: Digest | null): Promise<Outcome>;
  close(): Promise<void>;
}

export interface Outcome {
  readonly frames: number;
  readonly ptsSum: number | null;
  /** Of other processes that did the work; without it this process is what is measured. */
  readonly usage?: Usage;
  release(): Promise<void>;
}

export interface Usage {
  readonly cpuMs: number;
  readonly peakRssMb: number;
}

/** md5 over the pixels of a run. With several files, over the md5 of each in the order of the files: they may be done in any. */
export class Digest {
  readonly #items = new Map<number, Hash>();
  #known: string | null = null;

  add(item: number, pixels: NodeJS.ArrayBufferView): void {
    const hash = this.#items.get(item) ?? createHash("md5");
    this.#items.set(item, hash.update(pixels));
  }

  /** The md5 that a program told itself. */
  addKnown(md5: string): void {
    this.#known = md5;
  }

  hex(): string | null {
    if (this.#known !== null) return this.#known;
    if (this.#items.size === 0) return null;
    const each = [...this.#items].sort(([a], [b]) => a - b).map(([, hash]) => hash.digest("hex"));
    return each.length === 1 ? (each[0] ?? null) : createHash("md5").update(each.join("")).digest("hex");
  }
}

export async function nothing(): Promise<void> {
  // Nothing to release, and no threads to end.
}

export function onlyFile(files: readonly string[]): string {
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error(`one file expected, ${files.length} given`);
  return file;
}
