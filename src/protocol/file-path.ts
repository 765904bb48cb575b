/** A path of this machine: bytes where it is not UTF-8, which no text can hold. */
export type FilePath = string | Uint8Array;

/** As Node's fs takes it. */
export function nodePath(path: FilePath): string | Buffer {
  return typeof path === "string" ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
}
