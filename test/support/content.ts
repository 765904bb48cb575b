import { type FileHandle, open } from "node:fs/promises";

/** What a server serves. */
export interface Content {
  readonly size: number;
  /** Half-open. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export function memoryContent(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    close: async () => undefined,
  };
}

export async function fileContent(path: string): Promise<Content> {
  const file: FileHandle = await open(path);
  const { size } = await file.stat();
  return {
    size,
    async read(start, end) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
