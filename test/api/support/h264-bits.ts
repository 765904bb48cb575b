/** Bits of H.264's headers, most significant first. */
export class Bits {
  at = 0;
  readonly text: string;

  constructor(bytes: Buffer) {
    this.text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  }

  take(count: number): number {
    this.at += count;
    return Number.parseInt(this.text.slice(this.at - count, this.at), 2);
  }

  golomb(): number {
    let zeros = 0;
    while (this.text[this.at] === "0") {
      zeros++;
      this.at++;
    }
    return this.take(zeros + 1) - 1;
  }
}

/** Exp-Golomb, as ue(v). */
export function golomb(value: number): string {
  const bits = (value + 1).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

export function withoutEmulation(unit: Buffer): Buffer {
  return Buffer.from(unit.toString("latin1").replaceAll("\0\0\u0003", "\0\0"), "latin1");
}

/** A unit of bits, the stop bit among them. */
export function unitOf(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  const bytes = Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  return Buffer.from(bytes.toString("latin1").replaceAll(/\0\0(?=[\0-\u0003])/g, "\0\0\u0003"), "latin1");
}
