import { stat } from "node:fs/promises";
import { parse, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { StorageOptions } from "../dataset/index.js";
import { bytesOf, legible, nameOf, splitBytes } from "./byte-names.js";
import { isVideo, videosIn } from "./folders.js";
import { urlOfPath } from "../sources/file-url.js";
import { UsageError } from "./usage.js";
import { expandWildcards } from "./wildcards.js";

export interface Input {
  /** As the user wrote it: what messages say. */
  readonly name: string;
  readonly source: string | URL;
  /** Its path, absolute, where that is not UTF-8: `source` and `id` are its address then. */
  readonly bytes?: Buffer;
  /** The absolute path or the address: two inputs are the same file when this is equal. */
  readonly id: string;
  /** File name without its extension. */
  readonly stem: string;
}

export function toInput(name: string): Input {
  if (/^https?:\/\//i.test(name) && URL.canParse(name)) {
    const source = new URL(name);
    return { name, source, id: source.href, stem: parse(source.pathname).name };
  }
  if (/^s3:\/\//i.test(name)) return { name, source: name, id: name, stem: parse(name).name };
  const bytes = bytesOf(name);
  if (bytes !== undefined) {
    const id = urlOfPath(bytes);
    return { name, source: new URL(id), bytes, id, stem: parse(legible(bytes)).name };
  }
  const path = resolve(/^file:\/\//i.test(name) ? pathOf(name) : name);
  return { name, source: path, id: path, stem: parse(path).name };
}

function pathOf(address: string): string {
  try {
    return fileURLToPath(address);
  } catch {
    throw new UsageError(`${address} names no file of this machine`);
  }
}

/** Tells a changed file from an unchanged one; undefined where that cannot be known. */
export async function identityOf(input: Input): Promise<string | undefined> {
  const path = input.bytes ?? input.source;
  if (path instanceof URL) return undefined;
  try {
    const { size, mtimeNs } = await stat(path, { bigint: true });
    return `${size}-${mtimeNs}`;
  } catch {
    // Whatever is wrong with the file, opening it says it better.
    return undefined;
  }
}

/** All of them, as they were named: a path of this machine in a sample would make another data set elsewhere. */
export async function namesOf(args: readonly string[], storage: StorageOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, id } of new Inputs(args)) {
    if (/^s3:.*\/$/i.test(name)) {
      // Only then: all commands load this file, and few make data sets.
      const { listObjects } = await import("../dataset/index.js");
      for await (const object of listObjects(name, storage)) if (isVideo(object)) names.push(object);
    } else names.push(slashed(/^file:/i.test(name) ? id : name));
  }
  return names;
}

/** With the slashes of all other systems, which Windows understands too. `separator`: this system's own. */
export function slashed(name: string, separator: string = sep): string {
  // What begins so is not read by its parts.
  return separator === "\\" && !name.startsWith("\\\\?\\") ? name.replaceAll("\\", "/") : name;
}

/** The inputs that the arguments name, each file once; "-" stands for a list on standard input. */
export class Inputs implements AsyncIterable<Input> {
  /** How many there are; undefined until the list has ended. */
  count: number | undefined;
  readonly #read: Input[] = [];
  readonly #reading: Promise<void>;
  #ended = false;
  #closed = false;
  #more: () => void = () => undefined;

  /** Reads ahead of who takes them: only when all are known can the time that is left be estimated. */
  constructor(args: readonly string[]) {
    this.#reading = this.#readAll(args).finally(() => {
      this.#ended = true;
      this.#more();
    });
    // Whoever takes the inputs meets the failure at its place, after those that were read.
    this.#reading.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Input> {
    for (let next = 0; ; next++) {
      while (this.#read.length === next && !this.#ended) await new Promise<void>((resolve) => (this.#more = resolve));
      const input = this.#read[next];
      if (input === undefined) {
        await this.#reading;
        return;
      }
      yield input;
    }
  }

  /** Nobody takes any more: a large folder is not looked through to its end. */
  close(): void {
    this.#closed = true;
  }

  async #readAll(args: readonly string[]): Promise<void> {
    const seen = new Set<string>();
    for (const arg of args) {
      for await (const name of arg === "-" ? splitNames(process.stdin) : namedBy(arg)) {
        const isOne = isAddress(name) && bytesOf(name) === undefined;
        for await (const video of isOne ? [name] : videosIn(name, () => !this.#closed)) {
          if (this.#closed) return;
          const input = toInput(video);
          if (seen.has(input.id)) continue;
          seen.add(input.id);
          this.#read.push(input);
          this.#more();
        }
      }
    }
    this.count = this.#read.length;
  }
}

const isAddress = (name: string): boolean => /^(?:https?|file|s3):\/\//i.test(name);

function namedBy(argument: string): readonly string[] {
  return process.platform === "win32" ? expandWildcards(argument) : [argument];
}

const [lineFeed, nul] = [10, 0];

/** One name per line; the output of `find -print0` is known by its first NUL. */
async function* splitNames(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let separator: number | undefined;
  const named = (bytes: Buffer): string =>
    nameOf(separator !== nul && bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    separator ??= rest.includes(nul) ? nul : rest.includes(lineFeed) ? lineFeed : undefined;
    if (separator === undefined) continue;
    const names = splitBytes(rest, separator);
    rest = names.pop() ?? Buffer.alloc(0);
    for (const name of names) if (named(name) !== "") yield named(name);
  }
  if (rest.length > 0) yield named(rest);
}
