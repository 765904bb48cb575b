import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { FramepoolError, messageOf, propertyOf } from "../errors.js";
import { withDeadline } from "../async/deadline.js";

/** What can only be had from the first byte to the last, at most so many bytes, in a file of a folder that has no name any more. */
export async function spool(pieces: AsyncIterable<unknown>, mostBytes: number, folder: string): Promise<FileHandle> {
  const path = join(folder, `framepool-${crypto.randomUUID()}`);
  const file = await written(folder, () => open(path, "wx+", 0o600));
  try {
    // From here on the bytes go away with the handle, whatever happens to the process.
    await written(folder, () => unlink(path));
    let size = 0;
    for await (const piece of pieces) {
      const bytes = bytesOfPiece(piece);
      size += bytes.length;
      if (size > mostBytes) throw tooLong(mostBytes);
      await written(folder, () => file.writeFile(bytes));
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What says that there is no room: of the disk, of the user's share of it, of a file. */
const full: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

async function written<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const why = full.has(propertyOf(error, "code")) ? "there is no room for it" : messageOf(error);
    const reason = `a temporary copy cannot be written to ${folder} (spoolFolder): ${why}`;
    throw new FramepoolError("E_IO", reason, { cause: error });
  }
}

/** Pieces, each of which has to come within the deadline. */
export async function* timely(
  source: AsyncIterable<unknown>,
  timeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const pieces: AsyncIterator<unknown, unknown> = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next: IteratorResult<unknown, unknown> = await withDeadline(timeoutMs, signal, () => pieces.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    endPieces(pieces);
  }
}

/** Not awaited: a stream that does not answer does not end either. What its end throws, nobody is there to be told. */
export function endPieces(pieces: AsyncIterator<unknown, unknown> | undefined): void {
  const end = async (): Promise<void> => {
    await pieces?.return?.();
  };
  end().catch(() => undefined);
}

/** What a stream yields has to be bytes. */
export function bytesOfPiece(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new FramepoolError("E_IO", `the stream yields ${typeof value}, not bytes`);
}

function tooLong(mostBytes: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `the stream is longer than ${String(mostBytes)} bytes (limits.maxSpoolBytes): give a source that can be read at any position`,
  );
}
