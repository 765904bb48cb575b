/** Numbers from 0, inclusive, to 1, exclusive: Math.random or a generator of the same shape. */
export type Random = () => number;

/**
 * Reproducible random numbers, the same on every machine and in every version: xoshiro128** (Blackman and Vigna), whose
 * four words of state come from SplitMix32 over the seeds. Each number takes 53 bits of two draws, the first draw's on top.
 * `seeds` are integers up to 2^53; a list of them gives numbers of its own for each list.
 */
export function seededRandom(...seeds: readonly number[]): Random {
  let hash = 0;
  for (const seed of seeds) {
    hash = mix(hash ^ (seed | 0));
    hash = mix(hash ^ (Math.floor(seed / 2 ** 32) | 0));
  }
  const word = (): number => {
    hash = (hash + golden) | 0;
    return mix(hash);
  };
  let a = word();
  let b = word();
  let c = word();
  let d = word();
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  return () => {
    const high = next() >>> 5;
    const low = next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}

/** An integer from `start`, inclusive, to `stop`, exclusive. */
export function randomInteger(random: Random, start: number, stop: number): number {
  return start + Math.floor(random() * (stop - start));
}

/** 2^32 over the golden ratio, odd. */
const golden = 0x9e3779b9 | 0;

/** SplitMix32's finalizer. */
function mix(value: number): number {
  let z = (value + golden) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
