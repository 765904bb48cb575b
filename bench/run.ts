// npm run bench: contenders x cases. Answers are compared before anything is timed; every trial is a process of its own.
import { resolve, sep } from "node:path";
import { describe, environment } from "./environment.js";
import { cases } from "./cases.js";
import { compare } from "./compare.js";
import { type Contender, contenders, versionOf } from "./contenders/registry.js";
import { findMedia } from "./media.js";
import { runMicro } from "./micro/run.js";
import { runJobs } from "./jobs/run.js";
import type { Absence, Results } from "./model.js";
import { type Options, parseOptions, usage } from "./options.js";
import { writeReport } from "./report.js";
import { save } from "./results.js";
import { runStreaming } from "./streaming/run.js";
import { Trials } from "./trials.js";

const quickClips = 16;

async function main(options: Options): Promise<void> {
  const surroundings = environment();
  describe(surroundings).forEach((line) => console.log(line));
  if (options.jobs) {
    await runJobs(options.media, options.rounds, options.quick);
    return;
  }
  if (options.streaming) {
    const { media, rounds, quick, line } = options;
    if (!(await runStreaming(media, rounds, quick, line, surroundings))) process.exitCode = 1;
    return;
  }
  const { present, absent } = options.micro ? { present: [], absent: [] } : findContenders(options.contenders);
  if (options.list) return;
  const chosen = options.micro ? [] : cases.filter(({ name }) => options.cases.includes(name));
  const media = options.micro ? null : findMedia(options.media, options.quick ? quickClips : Infinity);
  const compared = media === null ? undefined : compare(new Trials(media), present, chosen, options);
  const results: Results = {
    schema: 1,
    quick: options.quick,
    rounds: options.rounds,
    environment: surroundings,
    media: media === null ? null : { folder: shortName(media.folder), videos: Object.values(media.facts) },
    contenders: present.map(({ name, title, version }) => ({ name, title, version })),
    cases: chosen.map(({ name, title }) => ({ name, title })),
    answers: compared?.answers ?? [],
    timings: compared?.timings ?? [],
    absences: [...absent, ...(compared?.absences ?? [])],
    remarks: compared?.remarks ?? [],
    micro: options.micro ? runMicro(options.cases, options.quick) : [],
  };
  const { own, latest } = save(results);
  for (const name of [own, latest]) writeReport(results, name);
  console.log(`written: ${own}.json, .md and .svg, also as ${latest}.*`);
  if (results.absences.some(({ failed }) => failed)) process.exitCode = 1;
}

/** Enough to tell folders apart, without where they lie on this machine. */
function shortName(folder: string): string {
  return resolve(folder).split(sep).slice(-2).join("/");
}

type Present = Contender & { readonly version: string };

function findContenders(names: readonly string[]): { present: Present[]; absent: Absence[] } {
  const versions = new Map<Contender["family"], { version: string } | { reason: string }>();
  const present: Present[] = [];
  const absent: Absence[] = [];
  for (const contender of contenders.filter(({ name }) => names.includes(name))) {
    const { family, name } = contender;
    const found = versions.get(family) ?? lookFor(family);
    versions.set(family, found);
    if ("version" in found) present.push({ ...contender, version: found.version });
    else absent.push({ contender: name, case: null, reason: found.reason, failed: false });
  }
  for (const { name, title, version } of present) console.log(`${name}: ${title} (${version})`);
  for (const { contender, reason } of absent) console.log(`${contender}: skipped, ${reason}`);
  return { present, absent };
}

function lookFor(family: Contender["family"]): { version: string } | { reason: string } {
  try {
    return { version: versionOf(family) };
  } catch (error) {
    // Of a traceback the last line says what is wrong.
    return { reason: (error instanceof Error ? error.message : String(error)).split("\n").at(-1) ?? "" };
  }
}

process.once("SIGINT", () => process.exit(130));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
