/** Faults of FFmpeg that input can use, and the first version of each branch without them. */
interface Hole {
  readonly name: string;
  readonly what: string;
  readonly codec: string;
  readonly fixedIn: readonly string[];
}

const holes: readonly Hole[] = [
  {
    name: "CVE-2026-8461",
    what: "MagicYUV pictures can write outside their memory",
    codec: "magicyuv",
    fixedIn: ["7.1.5", "8.0.3", "8.1.2"],
  },
];

/** One line for each known hole of this version. Distributions mend older ones without a new number: it says so. */
export function holesOf(version: string): string[] {
  const found = /^n?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (found === null)
    return [`FFmpeg ${version} states no release: whether known holes are mended in it cannot be told`];
  const numbers = found.slice(1).map((digits: string | undefined) => Number(digits ?? 0));
  return holes
    .filter(({ fixedIn }) => !isFixed(numbers, fixedIn))
    .map(
      ({ name, what, codec, fixedIn }) =>
        `FFmpeg ${version} may have ${name} (${what}; mended in ${fixedIn.join(", ")}, and perhaps in your distribution's): ` +
        `do not ask for codecs: ["${codec}"] with files that you do not trust`,
    );
}

/** In its own branch from that version on, and in every branch that is newer than all of them. */
function isFixed(version: readonly number[], fixedIn: readonly string[]): boolean {
  const fixes = fixedIn.map((fix) => fix.split(".").map(Number));
  const own = fixes.find(([major, minor]) => major === version[0] && minor === version[1]);
  if (own !== undefined) return compare(version, own) >= 0;
  return fixes.every((fix) => compare(version, fix) > 0);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
