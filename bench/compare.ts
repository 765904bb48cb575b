import type { BenchCase } from "./cases.js";
import type { Contender } from "./contenders/registry.js";
import { milliseconds } from "./format.js";
import type { Absence, Answer, Remark, Results, Timing } from "./model.js";
import type { Options } from "./options.js";
import { type Pair, type Trials, absence, difference, near } from "./trials.js";

interface Checked extends Pair {
  readonly answer: Answer;
}

export interface Compared {
  readonly answers: Results["answers"];
  readonly timings: readonly Timing[];
  readonly absences: readonly Absence[];
  readonly remarks: readonly Remark[];
}

/** Compares the answers of all contenders in all cases, then times those that agree, in alternation. */
export function compare(
  trials: Trials,
  contenders: readonly Contender[],
  cases: readonly BenchCase[],
  options: Pick<Options, "rounds" | "quick">,
): Compared {
  const absences: Absence[] = [];
  const remarks: Remark[] = [];
  const checked = cases.flatMap((benchCase) => {
    const { kind } = trials.workOf(benchCase);
    const pairs = contenders
      .filter((contender) => contender.takesPart(kind))
      .map((contender) => ({ benchCase, contender }));
    return agreeing(answersOf(trials, pairs, absences), absences, remarks);
  });
  const answers = checked.map(({ benchCase, contender, answer }) => ({
    case: benchCase.name,
    contender: contender.name,
    answer,
  }));
  return { answers, timings: timeAll(trials, checked, absences, options), absences, remarks };
}

function answersOf(trials: Trials, pairs: readonly Pair[], absences: Absence[]): Checked[] {
  return pairs.flatMap((pair) => {
    try {
      return [{ ...pair, answer: trials.check(pair) }];
    } catch (error) {
      absences.push(told(absence(pair, error)));
      return [];
    }
  });
}

/** Those whose answer is that of most; the others are named and not timed. */
function agreeing(answers: readonly Checked[], absences: Absence[], remarks: Remark[]): Checked[] {
  const tellsMost = Math.max(...answers.map(({ answer }) => detail(answer)));
  const candidates = answers.filter(({ answer }) => detail(answer) === tellsMost);
  const support = ({ answer }: Checked): number =>
    answers.filter((other) => difference(other.answer, answer) === undefined).length;
  const [expected] = [...candidates].sort((a, b) => support(b) - support(a));
  return answers.filter((pair) => {
    const complaint = expected === undefined ? undefined : difference(pair.answer, expected.answer);
    const { benchCase, contender, answer } = pair;
    const isNear = contender.approximate === true && expected !== undefined && near(answer, expected.answer);
    if (complaint !== undefined && !isNear) {
      absences.push(told(absence(pair, complaint)));
      return false;
    }
    console.log(`${benchCase.name}: ${contender.name} answers ${JSON.stringify(answer)}`);
    if (complaint !== undefined) remarks.push({ case: benchCase.name, contender: contender.name, text: complaint });
    return true;
  });
}

/** How much an answer tells: one without pixels agrees with all. */
const detail = ({ pixels, ptsSum }: Answer): number => (pixels === null ? 0 : 2) + (ptsSum === null ? 0 : 1);

function timeAll(
  trials: Trials,
  checked: readonly Checked[],
  absences: Absence[],
  options: Pick<Options, "rounds" | "quick">,
): Timing[] {
  const timings: Timing[] = [];
  const failed = new Set<Checked>();
  for (let round = 0; round < options.rounds; round++) {
    for (const name of new Set(checked.map(({ benchCase }) => benchCase.name))) {
      const pairs = checked.filter((pair) => pair.benchCase.name === name);
      // Each round begins with another contender, so that none always runs on the heels of the same one.
      const turn = round % pairs.length;
      for (const pair of [...pairs.slice(turn), ...pairs.slice(0, turn)].filter((one) => !failed.has(one))) {
        try {
          const timing = trials.time(pair, round, options.quick ? 1 : pair.benchCase.iterations, pair.answer);
          timings.push(timing);
          console.log(
            `round ${round + 1}, ${name}: ${pair.contender.name} ${timing.wallMs.map(milliseconds).join(" ")}`,
          );
        } catch (error) {
          failed.add(pair);
          absences.push(told(absence(pair, error)));
        }
      }
    }
  }
  return timings.filter((timing) => ![...failed].some((pair) => isOf(timing, pair)));
}

const isOf = (timing: Timing, { benchCase, contender }: Pair): boolean =>
  timing.case === benchCase.name && timing.contender === contender.name;

function told(what: Absence): Absence {
  console.log(`${what.case ?? "all"}: ${what.contender} does not take part: ${what.reason}`);
  return what;
}
