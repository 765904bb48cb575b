import type { FileLike } from "../../../src/index.js";

/** A file-like object that counts what it is asked, as the tutorial has it. */
export class FileOpCounter implements FileLike {
  numReads = 0;
  numSeeks = 0;
  readonly #file: FileLike;

  constructor(file: FileLike) {
    this.#file = file;
  }

  read(size: number): ReturnType<FileLike["read"]> {
    this.numReads++;
    return this.#file.read(size);
  }

  seek(offset: number, whence: 0 | 1 | 2): ReturnType<FileLike["seek"]> {
    this.numSeeks++;
    return this.#file.seek(offset, whence);
  }
}
