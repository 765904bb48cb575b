import { isAbsolute } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { givenNames, isInUnnamedFolder, isNotUtf8 } from "./byte-names.js";

type OptionTable = NonNullable<ParseArgsConfig["options"]>;

/** The command line is wrong: one line on stderr and exit code 2. */
export class UsageError extends Error {}

export interface Command {
  readonly help: string;
  /** Resolves to the exit code. */
  run(args: readonly string[]): Promise<number>;
}

type Parsed<Options extends OptionTable> = ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>;

/** What is given of the options of a table. */
export type ValuesOf<Options extends OptionTable> = {
  readonly [Name in keyof Options]?: (Options[Name]["type"] extends "boolean" ? boolean : string) | undefined;
};

export function parseCommandLine<const Options extends OptionTable>(
  args: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    const parsed = parseArgs({ args: joinNegativeValues(args), options, allowPositionals: true });
    for (const [name, value] of Object.entries(parsed.values)) checkText(name, value);
    return { ...parsed, positionals: givenNames(parsed.positionals) };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(readableParseError(error.message));
    throw error;
  }
}

/** What is written is named in texts, also in its records: bytes that are none would become another name. */
function checkText(option: string, value: unknown): void {
  if (typeof value !== "string") return;
  if (isNotUtf8(value)) throw new UsageError(`--${option} takes UTF-8, and "${value}" is not`);
  if (option === "out" && !isAbsolute(value) && isInUnnamedFolder())
    throw new UsageError("--out takes an absolute path here: the name of the current folder is not UTF-8");
}

/** parseArgs takes the value of `--indices -1` for an option: `--indices=-1` is what it understands. */
function joinNegativeValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (last !== undefined && /^--[a-z]+$/.test(last) && /^-\.?\d/.test(arg))
      joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** The first sentence of Node's message, without its advice about positional arguments. */
function readableParseError(message: string): string {
  const sentence = (message.split(/\.\s|\n/)[0] ?? message).replaceAll("'", "");
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** What the text of an option says; undefined where it is not given. */
export function ifGiven<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

/** A whole number from `minimum` to `maximum`. */
export function parseInteger(name: string, text: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new UsageError(`${name} takes a whole number ${range}, not "${text}"`);
}

/** "2.5", "1s", "500ms", "1:30.5" or "1:02:03", in seconds. */
export function parseSeconds(name: string, text: string): number {
  const clock = /^(-?)(?:(\d+):([0-5]?\d)|(\d+)):([0-5]?\d(?:\.\d*)?)$/.exec(text);
  if (clock !== null) {
    const [, sign = "", hours = "0", hourMinutes, minutes, seconds = ""] = clock;
    const total = 3600 * Number(hours) + 60 * Number(hourMinutes ?? minutes ?? 0) + Number(seconds);
    return sign === "-" ? -total : total;
  }
  const match = /^(-?(?:\d+\.?\d*|\.\d+))(ms|s)?$/.exec(text);
  if (match === null) throw new UsageError(`${name} takes seconds such as 2.5, 1s, 500ms or 1:30.5, not "${text}"`);
  return match[2] === "ms" ? Number(match[1]) / 1000 : Number(match[1]);
}
