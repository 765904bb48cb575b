import type { FileHandle } from "node:fs/promises";
import { FramepoolError } from "../../errors.js";

/** A copy that nobody closes, and nobody has any more. */
const forgotten = new FinalizationRegistry<FileHandle>((file) => void file.close());

/** All bytes of a file, in a temporary one. */
export class WholeCopy {
  readonly #file: FileHandle;

  /** Takes the handle over. */
  constructor(file: FileHandle) {
    this.#file = file;
    forgotten.register(this, file, this);
  }

  /** Fills all of `target`. */
  async fill(target: Uint8Array<SharedArrayBuffer>, position: number, signal: AbortSignal): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#file.read(target, filled, target.length - filled, position + filled);
      if (bytesRead === 0) throw new FramepoolError("E_IO", "the temporary copy of the file is cut");
      filled += bytesRead;
    }
  }

  close(): void {
    forgotten.unregister(this);
    void this.#file.close();
  }
}
