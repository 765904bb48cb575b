/** Below this, sorting by comparison is faster than counting. */
const leastCounted = 64;
const digits = 2 ** 16;

/**
 * The positions of the values (0 to 2^31 - 1) in ascending order of these, equal ones as they come. In time linear in their
 * number: a caller may ask for a million frames, and waits while they are sorted.
 */
export function sortedPositions(values: Int32Array): Int32Array {
  const positions = new Int32Array(values.length);
  let isSorted = true;
  let before = 0;
  for (let i = 0; i < positions.length; i++) {
    positions[i] = i;
    const value = at(values, i);
    isSorted &&= before <= value;
    before = value;
  }
  if (isSorted) return positions;
  if (values.length < leastCounted) return positions.sort((a, b) => at(values, a) - at(values, b) || a - b);
  return byDigit(values, 16, byDigit(values, 0, positions));
}

/** One pass of a radix sort, which keeps the order of what has the same digit. */
function byDigit(values: Int32Array, shift: number, positions: Int32Array): Int32Array {
  const begins = new Int32Array(digits);
  for (let i = 0; i < values.length; i++) {
    const digit = (at(values, i) >>> shift) & (digits - 1);
    begins[digit] = at(begins, digit) + 1;
  }
  let before = 0;
  for (let digit = 0; digit < digits; digit++) {
    const count = at(begins, digit);
    begins[digit] = before;
    before += count;
    // All have the same one: the order stays.
    if (count === values.length) return positions;
  }
  const sorted = new Int32Array(values.length);
  for (let i = 0; i < positions.length; i++) {
    const position = at(positions, i);
    const digit = (at(values, position) >>> shift) & (digits - 1);
    const place = at(begins, digit);
    begins[digit] = place + 1;
    sorted[place] = position;
  }
  return sorted;
}

/** The values at these positions. */
export function valuesAt(values: Int32Array, positions: Int32Array): Int32Array {
  const taken = new Int32Array(positions.length);
  for (let i = 0; i < taken.length; i++) taken[i] = at(values, at(positions, i));
  return taken;
}

/** The times of these frames. */
export function timesAt(times: Float64Array, frames: Int32Array): Float64Array {
  const taken = new Float64Array(frames.length);
  for (let i = 0; i < taken.length; i++) taken[i] = times[at(frames, i)] ?? 0;
  return taken;
}

/** For one type of array: of several, the engine would look at each time which one it has. */
function at(values: Int32Array, i: number): number {
  return values[i] ?? 0;
}
