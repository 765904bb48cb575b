import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { FramepoolError } from "../errors.js";
import { withDeadline } from "./deadline.js";

/**
 * A stream cannot go back, and a decoder must: its bytes, at most so many, in a file that has no name any more. Each piece has
 * to come within the deadline.
 */
export async function spool(
  stream: Readable | ReadableStream<Uint8Array>,
  mostBytes: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FileHandle> {
  const path = join(tmpdir(), `framepool-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  const chunks: AsyncIterator<unknown, unknown> = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  try {
    // From here on the bytes go away with the handle, whatever happens to the process.
    await unlink(path);
    let size = 0;
    for (;;) {
      const next: IteratorResult<unknown, unknown> = await withDeadline(timeoutMs, signal, () => chunks.next());
      if (next.done === true) return file;
      const { value } = next;
      if (!(value instanceof Uint8Array))
        throw new FramepoolError("E_IO", `the stream yields ${typeof value}, not bytes`);
      size += value.length;
      if (size > mostBytes) throw tooLong(mostBytes);
      await file.writeFile(value);
    }
  } catch (error) {
    // Not awaited: a stream that does not answer does not end either.
    chunks.return?.().catch(() => undefined);
    await file.close();
    throw error;
  }
}

function tooLong(mostBytes: number): FramepoolError {
  return new FramepoolError(
    "E_LIMIT",
    `the stream is longer than ${String(mostBytes)} bytes (limits.maxSpoolBytes): give a source that can be read at any position`,
  );
}
