import assert from "node:assert/strict";

/** Bits of a header, most significant first. */
class Bits {
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

/** A sequence parameter set (ITU-T H.264, 7.3.2.1.1) without what it says of use and order: the VUI. */
export function withoutVui(unit: Buffer): Buffer {
  const plain = Buffer.from(unit.toString("latin1").replaceAll("\0\0\u0003", "\0\0"), "latin1");
  const bits = new Bits(plain);
  bits.take(8 + 24);
  bits.golomb();
  if ([100, 110, 122, 244].includes(plain[1] ?? 0)) {
    for (let i = 0; i < 3; i++) bits.golomb();
    assert.equal(bits.take(2), 0, "no scaling lists");
  }
  bits.golomb();
  const order = bits.golomb();
  assert.ok(order === 0 || order === 2);
  if (order === 0) bits.golomb();
  bits.golomb();
  bits.take(1);
  bits.golomb();
  bits.golomb();
  if (bits.take(1) === 0) bits.take(1);
  bits.take(1);
  if (bits.take(1) === 1) for (let i = 0; i < 4; i++) bits.golomb();
  const kept = `${bits.text.slice(0, bits.at)}01`;
  const padded = kept.padEnd(Math.ceil(kept.length / 8) * 8, "0");
  const bytes = Buffer.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  return Buffer.from(bytes.toString("latin1").replaceAll(/\0\0(?=[\0-\u0003])/g, "\0\0\u0003"), "latin1");
}
