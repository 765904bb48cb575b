/** How a grey picture looks. */
export interface Look {
  /** Neither black, nor blank, nor blurred. */
  readonly isGood: boolean;
  /** 0 to 255: how much pixels differ from their neighbours, and do not in its blurred picture. */
  readonly detail: number;
}

/** As FFmpeg's blackframe has it. */
const [blackest, blackShare] = [32, 0.98];
/** Steps of grey from a pixel to the next, on average. */
const blankest = 0.5;
/** What a mean over so many pixels takes of the differences, at least: of sharp films 0.5 to 0.8, of those blurred by a hundredth of their width 0.3 to 0.4. */
const meanOver = 9;
const leastTaken = 0.4;

interface Variation {
  /** From a pixel to the next, on average. */
  readonly all: number;
  /** Of it, what a mean over neighbours takes. */
  readonly taken: number;
}

/** `grey`: row by row. */
export function lookAt(grey: Uint8Array, width: number, height: number): Look {
  const isBlack = grey.reduce((count, value) => count + (value <= blackest ? 1 : 0), 0) >= blackShare * grey.length;
  const along = variation(grey, height, width, width, 1);
  const down = variation(grey, width, height, 1, width);
  const isBlank = along.all < blankest && down.all < blankest;
  // What moved is blurred in one direction.
  const isBlurred = [along, down].some(({ all, taken }) => taken < leastTaken * all);
  return { isGood: !isBlack && !isBlank && !isBlurred, detail: (along.taken + down.taken) / 2 };
}

/** Along lines: so many, of so many pixels, `line` and `step` apart. */
function variation(grey: Uint8Array, lines: number, length: number, line: number, step: number): Variation {
  let [all, taken] = [0, 0];
  const half = (meanOver - 1) / 2;
  for (let l = 0; l < lines; l++) {
    const at = (place: number): number => grey[l * line + Math.min(Math.max(place, 0), length - 1) * step] ?? 0;
    for (let i = 1; i < length; i++) {
      const difference = Math.abs(at(i) - at(i - 1));
      // Two means that lie one apart differ by what enters and what leaves.
      const blurred = Math.abs(at(i + half) - at(i - 1 - half)) / meanOver;
      all += difference;
      taken += Math.max(0, difference - blurred);
    }
  }
  const count = Math.max(1, lines * (length - 1));
  return { all: all / count, taken: taken / count };
}
