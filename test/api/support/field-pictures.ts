import { writeFileSync } from "node:fs";

/** One picture of a field-coded H.264 stream, of plain samples; no encoder at hand makes such streams. */
export interface FieldPicture {
  readonly idr: boolean;
  /** Whether later pictures may refer to it. */
  readonly reference: boolean;
  readonly coding: "field pair" | "frame" | "top field alone";
  /** Its place in output order, counted from the IDR picture. */
  readonly order: number;
}

class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push((value >> bit) & 1);
    return this;
  }

  /** Exp-Golomb, unsigned (H.264 9.1). */
  golomb(value: number): this {
    const size = 32 - Math.clz32(value + 1);
    return this.put(0, size - 1).put(value + 1, size);
  }

  align(): this {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    return this;
  }

  bytes(): number[] {
    this.put(1, 1).align();
    return Array.from({ length: this.#bits.length / 8 }, (_, at) =>
      this.#bits.slice(at * 8, at * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
    );
  }
}

function unit(header: number, payload: readonly number[]): number[] {
  const escaped: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      escaped.push(3);
      zeros = 0;
    }
    escaped.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return [0, 0, 0, 1, header, ...escaped];
}

/** Main profile, 64 x 64, pictures ordered by count, fields allowed; without VUI, so that nothing says how far pictures are reordered. */
function sequenceParameters(): number[] {
  const bits = new BitWriter().put(77, 8).put(0, 8).put(30, 8).golomb(0).golomb(4).golomb(0).golomb(4).golomb(2);
  return unit(0x67, bits.put(0, 1).golomb(3).golomb(1).put(0, 1).put(0, 1).put(1, 1).put(0, 2).bytes());
}

function pictureParameters(): number[] {
  const bits = new BitWriter().golomb(0).golomb(0).put(0, 2).golomb(0).golomb(0).golomb(0).put(0, 3);
  return unit(0x68, bits.golomb(0).golomb(0).golomb(0).put(0b100, 3).bytes());
}

interface Slice {
  readonly idr: boolean;
  readonly reference: boolean;
  readonly frameNumber: number;
  readonly field: "top" | "bottom" | null;
  readonly order: number;
  readonly idrNumber: number;
}

/** An intra slice of I_PCM macroblocks. */
function slice({ idr, reference, frameNumber, field, order, idrNumber }: Slice): number[] {
  const bits = new BitWriter()
    .golomb(0)
    .golomb(7)
    .golomb(0)
    .put(frameNumber, 8)
    .put(field === null ? 0 : 1, 1);
  if (field !== null) bits.put(field === "bottom" ? 1 : 0, 1);
  if (idr) bits.golomb(idrNumber);
  bits.put(order, 8);
  if (reference) bits.put(0, idr ? 2 : 1);
  bits.golomb(0).golomb(1);
  const macroblocks = field === null ? 16 : 8;
  for (let block = 0; block < macroblocks; block++) {
    bits.golomb(25).align();
    for (let at = 0; at < 384; at++) bits.put(((order * 7 + block * 13 + (at % 16) * 3 + 40) % 200) + 20, 8);
  }
  return unit(reference ? (idr ? 0x65 : 0x41) : 0x01, bits.bytes());
}

export function writeFieldPictures(path: string, pictures: readonly FieldPicture[]): void {
  const delimiter = [0, 0, 0, 1, 9, 0xf0];
  const bytes: number[] = [];
  let frameNumber = 0;
  let idrNumber = 0;
  for (const { idr, reference, coding, order } of pictures) {
    if (idr) {
      frameNumber = 0;
      idrNumber = 1 - idrNumber;
    }
    bytes.push(...delimiter, ...(idr ? [...sequenceParameters(), ...pictureParameters()] : []));
    const shared = { reference, frameNumber, idrNumber };
    const first = coding === "frame" ? null : "top";
    bytes.push(...slice({ ...shared, idr, field: first, order: order * 2 }));
    if (coding === "field pair") bytes.push(...slice({ ...shared, idr: false, field: "bottom", order: order * 2 + 1 }));
    if (reference) frameNumber++;
  }
  writeFileSync(path, Uint8Array.from(bytes));
}
