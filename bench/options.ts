import { parseArgs } from "node:util";
import { cases } from "./cases.js";
import { contenders } from "./contenders/registry.js";
import { microGroups } from "./micro/groups.js";

export const usage = `npm run bench -- [options]

  --case NAMES        ${cases.map(({ name }) => name).join(", ")}
  --contender NAMES   ${contenders.map(({ name }) => name).join(", ")};
                      the first words of a name are enough: ours, torchcodec-exact
  --rounds N          rounds, in each of which every pair runs once (default 3; 5 with --jobs)
  --quick             one round of one run, few short videos: shows that everything runs, not how fast
  --micro             the microbenchmarks instead; --case then names them: ${microGroups.join(", ")}
  --streaming         the ways to a video over HTTP and off the disk instead: bytes, download, URL, streaming source, file
  --jobs              the command's main jobs, pictures as files, against ffmpeg in alternation, in about five minutes
  --latency MS        of the server of --streaming, before each answer (default 20)
  --bandwidth N       of its line, in Mbit/s (default 200)
  --media FOLDER      with n60.mp4, n13.mp4 and clips/, as bench/make-media.sh makes them
  --list              what there is and who would take part
  --help`;

export interface Options {
  /** Names of cases, or with `micro` of microbenchmarks. */
  readonly cases: readonly string[];
  readonly contenders: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly micro: boolean;
  readonly streaming: boolean;
  readonly jobs: boolean;
  readonly line: { readonly latencyMs: number; readonly megabitsPerSecond: number };
  readonly media: string | undefined;
  readonly list: boolean;
  readonly help: boolean;
}

/** Throws an Error that says what is wrong with the command line. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string" },
      contender: { type: "string" },
      rounds: { type: "string" },
      media: { type: "string" },
      quick: { type: "boolean", default: false },
      micro: { type: "boolean", default: false },
      streaming: { type: "boolean", default: false },
      jobs: { type: "boolean", default: false },
      latency: { type: "string" },
      bandwidth: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : values.jobs ? 5 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number of at least 1");
  const caseNames = values.micro ? microGroups : cases.map(({ name }) => name);
  const contenderNames = contenders.map(({ name }) => name);
  return {
    cases: pick("--case", values.case, caseNames, (name, word) => name === word),
    contenders: pick("--contender", values.contender, contenderNames, startsWithWords),
    rounds,
    quick: values.quick,
    micro: values.micro,
    streaming: values.streaming,
    jobs: values.jobs,
    line: {
      latencyMs: atLeastZero("--latency", values.latency ?? "20"),
      megabitsPerSecond: atLeastZero("--bandwidth", values.bandwidth ?? "200"),
    },
    media: values.media,
    list: values.list,
    help: values.help,
  };
}

function atLeastZero(option: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${option} takes a number of at least 0`);
}

const startsWithWords = (name: string, words: string): boolean => name === words || name.startsWith(`${words}-`);

function pick(
  option: string,
  given: string | undefined,
  names: readonly string[],
  matches: (name: string, word: string) => boolean,
): readonly string[] {
  if (given === undefined) return names;
  const words = given.split(",").filter((word) => word !== "");
  const unknown = words.find((word) => !names.some((name) => matches(name, word)));
  if (unknown !== undefined || words.length === 0) {
    throw new Error(`${option} takes some of ${names.join(", ")}, not "${unknown ?? given}"`);
  }
  return names.filter((name) => words.some((word) => matches(name, word)));
}
