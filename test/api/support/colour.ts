/** Kr and Kb of ITU-R BT.601, BT.709 and BT.2020. */
const matrices = { smpte170m: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020nc: [0.2627, 0.0593] } as const;

export type Matrix = keyof typeof matrices;

/** Red, green and blue, 0 to 255, of 8-bit luma and chroma. */
export function toRgb(
  [y, u, v]: readonly [number, number, number],
  range: "tv" | "pc",
  matrix: Matrix,
): readonly number[] {
  const [kr, kb] = matrices[matrix];
  const luma = range === "tv" ? (y - 16) / 219 : y / 255;
  const [cb, cr] = [u, v].map((chroma) => (chroma - 128) / (range === "tv" ? 224 : 255)) as [number, number];
  const red = luma + 2 * (1 - kr) * cr;
  const blue = luma + 2 * (1 - kb) * cb;
  const green = (luma - kr * red - kb * blue) / (1 - kr - kb);
  return [red, green, blue].map((value) => Math.min(255, Math.max(0, value * 255)));
}
