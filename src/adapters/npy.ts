import { endianness } from "node:os";
import { type TensorData, tensorOf, typeOf } from "./tensor-data.js";

const types = { uint8: "u1", float32: "f4", float16: "f2" } as const;
/** The magic, version 1.0, the length of the header in two bytes. */
const preamble = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
/** The values begin at a multiple of this, so that the file can be mapped into memory. */
const alignment = 64;

/** The bytes of a NumPy file: `numpy.load` gives an array of the same shape and dtype. A copy: the batch may be released. */
export function toNpy(batch: TensorData): Uint8Array<ArrayBuffer> {
  const { data, shape } = tensorOf(batch);
  const type = types[typeOf(data)];
  const order = type === "u1" ? "|" : endianness() === "LE" ? "<" : ">";
  const tuple = shape.length === 1 ? `(${String(shape[0])},)` : `(${shape.join(", ")})`;
  const fields = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = preamble.length + 2;
  const headerEnd = Math.ceil((before + fields.length + 1) / alignment) * alignment;
  const header = `${fields.padEnd(headerEnd - before - 1)}\n`;
  const file = new Uint8Array(headerEnd + data.byteLength);
  file.set(preamble);
  new DataView(file.buffer).setUint16(preamble.length, header.length, true);
  new TextEncoder().encodeInto(header, file.subarray(before));
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), headerEnd);
  return file;
}
