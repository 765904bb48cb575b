import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FramepoolError } from "../errors.js";
import { withDeadline } from "./deadline.js";

/**
 * A stream cannot go back, and a decoder must: its bytes, at most so many, in a file that has no name any more. Each piece has
 * to come within the deadline.
 */
export async function spool(
  stream: AsyncIterable<unknown>,
  mostBytes: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FileHandle> {
  const path = join(tmpdir(), `framepool-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  const chunks: AsyncIterator<unknown, unknown> = stream[Symbol.asyncIterator]();
  try {
    // From here on the bytes go away with the handle, whatever happens to the process.
    await unlink(path);
    let size = 0;
    for (;;) {
      const next: IteratorResult<unknown, unknown> = await withDeadline(timeoutMs, signal, () => chunks.next());
      if (next.done === true) return file;
      const bytes = streamBytes(next.value);
      size += bytes.length;
      if (size > mostBytes) throw tooLong(mostBytes);
      await file.writeFile(bytes);
    }
  } catch (error) {
    // Not awaited: a stream that does not answer does not end either.
    chunks.return?.().catch(() => undefined);
    await file.close();
    throw error;
  }
}

/** What a stream yields has to be bytes. */
export function streamBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new FramepoolError("E_IO", `the stream yields ${typeof value}, not bytes`);
}

function tooLong(mostBytes: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `the stream is longer than ${String(mostBytes)} bytes (limits.maxSpoolBytes): give a source that can be read at any position`,
  );
}
