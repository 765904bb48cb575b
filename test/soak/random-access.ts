// Random accesses against decoding from start to end. By itself, for as long as it is told to:
// `node dist/test/soak/random-access.js --accesses 1000000`, or `--minutes 10`; `--seed S --round R` repeats a round.
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { hangMs } from "../support/hang.js";
import type { Tally } from "./calls.js";
import { Wrong } from "./checks.js";
import { type SoakFile, generatedFiles, mediaFiles } from "./media.js";
import { soakRound } from "./round.js";
import { Truth } from "./truth.js";
import { watchRounds } from "./watch.js";

export interface SoakOptions {
  readonly seed: number;
  readonly files: readonly SoakFile[];
  readonly accesses: number;
  /** Milliseconds after which no round begins. */
  readonly milliseconds?: number;
  /** Only this one. */
  readonly round?: number;
  /** Accesses of small pictures in a round. */
  readonly roundLength?: number;
  readonly say?: (line: string) => void;
  /** Told of each round as it begins. */
  readonly begins?: (round: number) => void;
}

export interface SoakResult {
  readonly accesses: number;
  /** What was wrong, and how to see it again; at most ten. */
  readonly wrong: readonly string[];
  /** How many calls ended with each error that was right. */
  readonly errors: Readonly<Record<string, number>>;
  readonly rounds: number;
}

const mostWrong = 10;
const progressMs = 10_000;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, accesses, milliseconds = Infinity, roundLength = 2000, say = () => undefined } = options;
  const tally: Tally = { accesses: 0, errors: new Map() };
  const wrong: string[] = [];
  const began = performance.now();
  let told = began;
  let rounds = 0;
  const truth = new Truth();
  for (let round = options.round ?? 0; tally.accesses < accesses && wrong.length < mostWrong; round++) {
    const now = performance.now();
    if (now - began > milliseconds || (rounds > 0 && options.round !== undefined)) break;
    if (now - told > progressMs) {
      told = now;
      say(
        `${tally.accesses} accesses, ${rounds} rounds, ${Math.round((tally.accesses / (now - began)) * 1000)} a second`,
      );
    }
    rounds += 1;
    options.begins?.(round);
    try {
      await soakRound(truth, options.files, { seed, round, accesses: roundLength }, tally);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      wrong.push(error.message);
      say(`WRONG ${error.message}`);
    }
  }
  await truth.close();
  truth.wrong.forEach((message) => say(`WRONG ${message}`));
  return {
    accesses: tally.accesses,
    wrong: [...truth.wrong, ...wrong],
    errors: Object.fromEntries([...tally.errors].sort()),
    rounds,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      accesses: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
      round: { type: "string" },
      media: { type: "string", multiple: true },
      only: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const folders = values.media?.flatMap((folder) => mediaFiles(folder)) ?? mediaFiles();
  const all = [...generatedFiles(), ...folders];
  const files = values.only === undefined ? all : all.filter(({ name }) => name.includes(values.only ?? ""));
  const minutes = values.minutes === undefined ? {} : { milliseconds: Number(values.minutes) * 60_000 };
  const accesses = Number(values.accesses ?? (values.minutes === undefined ? 1_000_000 : Infinity));
  const only = values.round === undefined ? {} : { round: Number(values.round) };
  console.log(`seed ${seed}, ${files.length} files`);
  const begins = watchRounds(seed, hangMs);
  const began = performance.now();
  const result = await soak({ seed, files, accesses, ...minutes, ...only, say: console.log, begins });
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  const { wrong, ...counts } = result;
  console.log(JSON.stringify({ ...counts, wrong: wrong.length, seed, seconds }));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
