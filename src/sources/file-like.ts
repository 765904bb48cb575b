import { fstatSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { FramepoolError, messageOf } from "../errors.js";
import type { ByteSource } from "./byte-source.js";

/**
 * A file as Python has it: bytes from where it stands. The library calls nothing else and one thing at a time, moves it as
 * it likes, and never closes it.
 */
export interface FileLike {
  /** At most `size` bytes from the current position, which moves behind them; none at the end. */
  read(size: number): Uint8Array | Promise<Uint8Array>;
  /** Moves to `offset` from the start (whence 0), the current position (1) or the end (2); returns the new position. */
  seek(offset: number, whence: 0 | 1 | 2): number | Promise<number>;
  /** Tells it apart from a ByteSource, so that the parameters of one that is written in place are inferred. */
  readonly size?: undefined;
}

/** An open file as a `FileLike`: a descriptor is read synchronously, a `FileHandle` asynchronously. Its owner closes it. */
export function fileLike(file: number | FileHandle): FileLike {
  let at = 0;
  const moved = (offset: number, whence: number, size: () => number): number => {
    at = offset + (whence === 0 ? 0 : whence === 1 ? at : size());
    return at;
  };
  if (typeof file === "number") {
    return {
      read(size) {
        const bytes = new Uint8Array(size);
        const count = readSync(file, bytes, 0, size, at);
        at += count;
        return bytes.subarray(0, count);
      },
      seek: (offset, whence) => moved(offset, whence, () => fstatSync(file).size),
    };
  }
  return {
    async read(size) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(size), 0, size, at);
      at += bytesRead;
      return buffer.subarray(0, bytesRead);
    },
    async seek(offset, whence) {
      const size = whence === 2 ? (await file.stat()).size : 0;
      return moved(offset, whence, () => size);
    },
  };
}

/** Learns the size by a seek to the end. Reads wait for each other: the file has one position. */
export async function fileLikeSource(file: FileLike): Promise<ByteSource> {
  const size: unknown = await file.seek(0, 2);
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw new FramepoolError("E_IO", `the source is broken: seek to the end answered with ${messageOf(size)}`);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    size: size as number,
    read(position, length, { signal }) {
      const reading = last.then(async () => {
        signal.throwIfAborted();
        const reached: unknown = await file.seek(position, 0);
        if (reached !== position) {
          throw new FramepoolError(
            "E_IO",
            `the source is broken: seek to ${String(position)} answered with ${messageOf(reached)}`,
          );
        }
        return await file.read(length);
      });
      last = reading.catch(() => undefined);
      return reading;
    },
  };
}
