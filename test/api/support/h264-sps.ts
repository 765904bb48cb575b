import assert from "node:assert/strict";
import { Bits, unitOf, withoutEmulation } from "./h264-bits.js";

export interface SequenceHeader {
  /** How many bits frame_num has. */
  readonly numberBits: number;
  /** pic_order_cnt_type. */
  readonly orderKind: number;
  /** How many bits pic_order_cnt_lsb has. */
  readonly orderBits: number;
  /** Where the VUI begins, with the flag that it is there. */
  readonly end: number;
}

/** A sequence parameter set (ITU-T H.264, 7.3.2.1.1), emulation prevention removed. */
export function readSequence(plain: Buffer): SequenceHeader {
  const bits = new Bits(plain);
  bits.take(8 + 24);
  bits.golomb();
  if ([100, 110, 122, 244].includes(plain[1] ?? 0)) {
    for (let i = 0; i < 3; i++) bits.golomb();
    assert.equal(bits.take(2), 0, "no scaling lists");
  }
  const numberBits = bits.golomb() + 4;
  const orderKind = bits.golomb();
  assert.ok(orderKind === 0 || orderKind === 2);
  const orderBits = orderKind === 0 ? bits.golomb() + 4 : 0;
  bits.golomb();
  bits.take(1);
  bits.golomb();
  bits.golomb();
  if (bits.take(1) === 0) bits.take(1);
  bits.take(1);
  if (bits.take(1) === 1) for (let i = 0; i < 4; i++) bits.golomb();
  return { numberBits, orderKind, orderBits, end: bits.at };
}

/** A sequence parameter set without what it says of use and order: the VUI. */
export function withoutVui(unit: Buffer): Buffer {
  const plain = withoutEmulation(unit);
  return unitOf(`${new Bits(plain).text.slice(0, readSequence(plain).end)}01`);
}
