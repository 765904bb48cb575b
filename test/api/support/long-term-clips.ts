import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { muxed, typeOf, unitsOf } from "./annexb.js";
import { clip } from "./ffmpeg.js";
import { Bits, golomb, unitOf, withoutEmulation } from "./h264-bits.js";
import { type SequenceHeader, readSequence } from "./h264-sps.js";
import { type HardClip, make, pattern, x264 } from "./hard-clip.js";

type Kind = "P" | "B" | "I";

/** What a picture is to do with those that are kept for reference (ITU-T H.264, 7.4.3.3); each with its numbers. */
type Marking = readonly (readonly number[])[];

interface Change {
  readonly marking?: Marking;
  /** Refers to the long-term picture of this number first. */
  readonly refersTo?: number;
  /** An IDR picture becomes one that only says that decoding can begin there, and has none forgotten. */
  readonly opens?: boolean;
}

/** The picture itself is kept, as number 0 of one or two. */
const keep: Marking = [
  [4, 2],
  [6, 0],
];
/** A message (D.2.8): from this picture on, all is right. */
const recoveryPoint = Buffer.from([0x06, 0x06, 0x01, 0xc4, 0x80]);
/** All others are forgotten, and the count of pictures begins anew. */
const forget: Marking = [[5]];

const kindOf = (slice: number): Kind => (["P", "B", "I"] as const)[slice % 5] ?? assert.fail();

/** Slices of x264 (CAVLC, no weights, frames only) with other headers. `change`: of each picture, in the order of decoding. */
function rewritten(units: readonly Buffer[], change: (at: number, kind: Kind) => Change): Buffer[] {
  let sequence: SequenceHeader | undefined;
  let picture = -1;
  /** What frame_num was where its count began anew. */
  let origin = 0;
  let last = 0;
  return units.flatMap((unit) => {
    const type = typeOf(unit, "h264");
    if (type === 7) sequence = readSequence(withoutEmulation(unit));
    if (type !== 1 && type !== 5) return unit;
    assert.ok(sequence);
    const bits = new Bits(withoutEmulation(unit));
    bits.take(8);
    if (bits.golomb() === 0) picture++;
    const kind = kindOf(bits.golomb());
    bits.golomb();
    const { marking = [], refersTo, opens = false } = change(picture, kind);
    const beforeNumber = `${bits.text.slice(0, 3)}00001${bits.text.slice(8, bits.at)}`;
    const told = bits.take(sequence.numberBits);
    if (type === 5 && !opens) {
      origin = last = 0;
      return unit;
    }
    if (type === 5) {
      origin = told - last - 1;
      bits.golomb();
    }
    const number = (told - origin + 2 ** sequence.numberBits) % 2 ** sequence.numberBits;
    if (marking.some(([what]) => what === 5)) origin = told;
    last = told - origin;
    const afterNumber = bits.at;
    bits.take(sequence.orderBits);
    if (kind === "B") bits.take(1);
    if (kind !== "I" && bits.take(1) === 1) {
      bits.golomb();
      if (kind === "B") bits.golomb();
    }
    const beforeLists = bits.at;
    if (kind !== "I") list(bits);
    if (kind === "B") list(bits);
    const lists = bits.at;
    const isReference = (unit[0]! & 0x60) !== 0;
    if (type === 5) bits.take(2);
    else if (isReference && bits.take(1) === 1) while (operation(bits));
    const behind = bits.at;
    const written = beforeNumber + number.toString(2).padStart(sequence.numberBits, "0");
    const referring = `1${golomb(2)}${golomb(refersTo ?? 0)}${golomb(3)}`;
    const numbers = [...marking, [0]].flat().map(golomb).join("");
    const slice = unitOf(
      written +
        bits.text.slice(afterNumber, beforeLists) +
        (refersTo === undefined ? bits.text.slice(beforeLists, lists) : referring) +
        (marking.length > 0 ? `1${numbers}` : type === 5 ? "0" : bits.text.slice(lists, behind)) +
        bits.text.slice(behind).replace(/0*$/, ""),
    );
    return type === 5 ? [recoveryPoint, slice] : slice;
  });
}

/** ref_pic_list_modification of one list. */
function list(bits: Bits): void {
  if (bits.take(1) === 1) while (bits.golomb() !== 3) bits.golomb();
}

/** memory_management_control_operation; false: it was the last. */
function operation(bits: Bits): boolean {
  const what = bits.golomb();
  for (let i = 0; i < [0, 1, 1, 2, 1, 0, 1][what]!; i++) bits.golomb();
  return what !== 0;
}

type Changes = (at: number, kind: Kind) => Change;

function changed(name: string, raw: string, change: Changes): string {
  return muxed(name, ["long-term", raw, change.toString(), rewritten.toString()], "h264", () =>
    rewritten(unitsOf(readFileSync(raw)), change),
  );
}

const plain = (name: string, params: string): string =>
  clip(name, [...pattern(60), ...x264(12, 0, `cabac=0:weightp=0:scenecut=0:${params}`)]);
const groups = (): string => plain("groups.h264", "ref=4");
const twoReferences = (): string => plain("two-references.h264", "ref=2");
const oneReference = (): string => plain("one-reference.h264", "ref=1");

/** Units of a second layer (SVC, annex G; MVC, annex H) between the others: a prefix in front of each slice, a slice behind it. */
function layered(units: readonly Buffer[]): Buffer[] {
  return units.flatMap((unit) => {
    const type = typeOf(unit, "h264");
    if (type === 7) return [unit, Buffer.concat([Buffer.from([0x6f]), unit.subarray(1)])];
    if (type !== 1 && type !== 5) return [unit];
    const reference = unit[0]! & 0x60;
    const extension = [type === 5 ? 0xc0 : 0x80, 0x80, 0x07];
    const prefix = Buffer.from([reference | 14, ...extension, 0x20]);
    return [prefix, unit, Buffer.concat([Buffer.from([reference | 20, ...extension]), unit.subarray(1)])];
  });
}

/** A picture is kept for long in `marking`'s way, and key pictures have none forgotten. */
const keptAcross = (name: string, marking: Marking, kept = 3): string =>
  changed(name, twoReferences(), (at, kind) => ({
    ...(kind === "P" && at === kept ? { marking } : {}),
    opens: kind === "I" && at > 0,
  }));

/** One picture more is kept than the sequence header allows. */
export const keptTooMany = (): string => keptAcross("kept-too-many.mp4", keep);

/** The 15th picture is kept: none of those that are looked at before any is decoded. */
export const keptLate = (): string => keptAcross("kept-late.mp4", [[1, 1], ...keep], 14);

/** H.264 that x264 does not make: pictures kept for long, or all forgotten, and a second layer. */
export const longTermClips: readonly HardClip[] = (["mp4", "mkv", "ts"] as const).flatMap((container) => [
  make(`kept-within.${container}`, "a picture kept for long, in each group", "libx264", () =>
    changed(`kept-within.${container}`, groups(), (at, kind) => {
      if (kind === "P" && at % 12 === 2) return { marking: keep };
      return kind === "P" && at % 12 > 4 && at % 3 === 0 ? { refersTo: 0 } : {};
    }),
  ),
  make(
    `kept-across.${container}`,
    "a picture kept for long that those behind a recovery point refer to",
    "libx264",
    () => keptAcross(`kept-across.${container}`, [[1, 1], ...keep]),
  ),
  make(`forgotten.${container}`, "pictures that have all others forgotten: their numbers begin anew", "libx264", () =>
    changed(`forgotten.${container}`, oneReference(), (at, kind) =>
      kind === "P" && at % 10 === 7 ? { marking: forget } : {},
    ),
  ),
  make(`layered.${container}`, "units of a second layer that is not decoded", "libx264", () =>
    muxed(`layered.${container}`, ["layered", groups(), layered.toString()], "h264", () =>
      layered(unitsOf(readFileSync(groups()))),
    ),
  ),
]);
