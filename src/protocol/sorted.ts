/** Below this, sorting by comparison is faster than counting. */
const leastCounted = 64;
const digitBits = 16;

/** Values in ascending order, and for each its position in the list they came from: equal ones as they came. */
interface Sorted {
  readonly values: Int32Array<ArrayBuffer>;
  readonly positions: Int32Array<ArrayBuffer>;
}

/**
 * Values from 0 up to but not including `bound`, at most 2^31, in ascending order. In time linear in their number: a caller may ask
 * for a million frames, and waits while they are sorted.
 */
export function sorted(given: Int32Array, bound: number): Sorted {
  const isSorted = ascends(given);
  if (isSorted || given.length < leastCounted) {
    const positions = new Int32Array(given.length);
    for (let i = 0; i < positions.length; i++) positions[i] = i;
    if (!isSorted) positions.sort((a, b) => at(given, a) - at(given, b) || a - b);
    return { values: valuesAt(given, positions), positions };
  }
  const most = bound - 1;
  const ordered = byDigit(given, undefined, 0, most);
  // Two digits are all that such a value has.
  return most >> digitBits > 0 ? byDigit(ordered.values, ordered.positions, digitBits, most) : ordered;
}

/** Equal ones may follow each other. */
export function ascends(values: Int32Array): boolean {
  for (let i = 1; i < values.length; i++) if (at(values, i) < at(values, i - 1)) return false;
  return true;
}

/** One pass of a radix sort, which keeps the order of what has the same digit. `given`: their positions, if not in order. */
function byDigit(values: Int32Array, given: Int32Array | undefined, shift: number, most: number): Sorted {
  const mask = 2 ** digitBits - 1;
  const count = values.length;
  const places = new Int32Array(Math.min(mask, most >> shift) + 1);
  for (let i = 0; i < count; i++) {
    const digit = (at(values, i) >> shift) & mask;
    places[digit] = at(places, digit) + 1;
  }
  for (let digit = 0, before = 0; digit < places.length; digit++) {
    const next = before + at(places, digit);
    places[digit] = before;
    before = next;
  }
  const ordered = { values: new Int32Array(count), positions: new Int32Array(count) };
  for (let i = 0; i < count; i++) {
    const value = at(values, i);
    const digit = (value >> shift) & mask;
    const place = at(places, digit);
    places[digit] = place + 1;
    ordered.values[place] = value;
    ordered.positions[place] = given === undefined ? i : at(given, i);
  }
  return ordered;
}

/** The values at these positions. */
export function valuesAt(values: Int32Array, positions: Int32Array): Int32Array<ArrayBuffer> {
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
