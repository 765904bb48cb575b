import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { cached, ffmpeg } from "./ffmpeg.js";

export type NalCodec = "h264" | "hevc";

/** The NAL units of a raw stream, start codes removed. */
export function unitsOf(bytes: Buffer): Buffer[] {
  const begins: number[] = [];
  for (let at = bytes.indexOf("\0\0\u0001"); at >= 0; at = bytes.indexOf("\0\0\u0001", at + 3)) begins.push(at + 3);
  return begins.map((begin, i) => {
    let end = (begins[i + 1] ?? bytes.length + 3) - 3;
    // The fourth byte of the next one's start code.
    if (i + 1 < begins.length && bytes[end - 1] === 0) end--;
    return bytes.subarray(begin, end);
  });
}

export function rawStream(units: readonly Buffer[]): Buffer {
  return Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]));
}

export function typeOf(unit: Buffer, codec: NalCodec): number {
  const first = unit[0] ?? 0;
  return codec === "h264" ? first & 31 : (first >> 1) & 63;
}

export function isParameterSet(unit: Buffer, codec: NalCodec): boolean {
  const type = typeOf(unit, codec);
  return codec === "h264" ? type === 7 || type === 8 : type >= 32 && type <= 34;
}

export function isPicture(unit: Buffer, codec: NalCodec): boolean {
  const type = typeOf(unit, codec);
  return codec === "h264" ? type === 1 || type === 5 : type < 32;
}

/** Parameter sets ahead of the first picture alone. */
export function setsOnce(units: readonly Buffer[], codec: NalCodec): Buffer[] {
  const first = units.findIndex((unit) => isPicture(unit, codec));
  return units.filter((unit, at) => at < first || !isParameterSet(unit, codec));
}

/** The units in a container, 25 pictures a second in the order of the stream. */
export function muxed(name: string, recipe: readonly string[], codec: NalCodec, make: () => Buffer[]): string {
  return cached(name, recipe, (path) => {
    const raw = `${path}.${codec}`;
    writeFileSync(raw, rawStream(make()));
    ffmpeg(["-fflags", "+genpts", "-r", "25", "-i", raw, "-c", "copy", path]);
    rmSync(raw);
  });
}

/** Parts one after the other in one track, each with its own parameter sets under the same numbers, sent once. */
export function joinedOnce(name: string, parts: readonly string[], codec: NalCodec): string {
  return muxed(name, ["once", ...parts], codec, () =>
    parts.flatMap((part) => setsOnce(unitsOf(readFileSync(part)), codec)),
  );
}
