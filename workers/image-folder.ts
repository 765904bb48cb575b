// Pictures that the worker writes itself: the main thread then has nothing to do with their bytes.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { at } from "../src/protocol/frame-index.js";
import { type ImageFormat, imageFileName } from "../src/protocol/image.js";
import type { WrittenImage } from "../src/protocol/image-jobs.js";
import { WriteFailure } from "./failure.js";

/** A folder, made when it is not there, for pictures of frames; `frames`: their numbers, by target. */
export class ImageFolder {
  readonly #folder: string;
  readonly #format: ImageFormat;
  readonly #frames: Int32Array;

  /** Throws WriteFailure. */
  constructor(folder: string, format: ImageFormat, frames: Int32Array) {
    this.#folder = folder;
    this.#format = format;
    this.#frames = frames;
    written(folder, () => mkdirSync(folder, { recursive: true }));
  }

  /** The file appears whole, replacing one that is there. `length`: bytes of the picture. Throws WriteFailure. */
  write(bytes: Uint8Array, length: number, target: number): WrittenImage {
    const name = imageFileName(at(this.#frames, target), this.#format);
    const path = join(this.#folder, name);
    // Another thread, or process, may write the same one.
    const temporary = join(this.#folder, `.framepool-${String(process.pid)}-${String(threadId)}-${name}.part`);
    written(path, () => {
      try {
        writeFileSync(temporary, bytes.subarray(0, length));
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    });
    return { name, bytes: length };
  }
}

function written(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new WriteFailure(path, error);
  }
}
