import type { ByteSource } from "./byte-source.js";

/** Bytes that are there to be sliced: hyparquet's `AsyncBuffer`, and whatever else has this shape. */
export interface SliceSource {
  /** Bytes in all. */
  readonly byteLength: number;
  /** The bytes from `start` to before `end`. */
  slice(start: number, end: number): ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>;
}

/** Bytes from `start` up to but not including `end`: Mediabunny's `CustomSource` options, and others. */
export interface RangeSource {
  /** Tells it apart from a ByteSource, so that the parameters of one that is written in place are inferred. */
  readonly size?: undefined;
  /** Bytes in all. */
  getSize(): number | Promise<number>;
  /** The bytes from `start` to before `end`; less than asked for is continued. */
  read(start: number, end: number): ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>;
}

export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (position, length) => bytesOf(await blob.slice(position, position + length).arrayBuffer()),
  };
}

export function sliceSource(source: SliceSource): ByteSource {
  return {
    size: source.byteLength,
    read: async (position, length) => bytesOf(await source.slice(position, position + length)),
  };
}

export async function rangeSource(source: RangeSource): Promise<ByteSource> {
  const size = await source.getSize();
  return { size, read: async (position, length) => bytesOf(await source.read(position, position + length)) };
}

function bytesOf(bytes: ArrayBuffer | Uint8Array): Uint8Array {
  return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
}
