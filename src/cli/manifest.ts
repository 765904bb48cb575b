import { createHash } from "node:crypto";
import { appendFileSync, createReadStream, createWriteStream, renameSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cannotWrite, hasCode, OutputError, temporaryFor } from "./files.js";
import type { ImageRecord } from "./source-record.js";

/** One image, as a line of manifest.jsonl. */
export interface ManifestEntry extends Omit<ImageRecord, "file" | "bytes"> {
  readonly source: string;
  /** The source's folder in the output. */
  readonly key: string;
  /** Relative to the output folder, with forward slashes. */
  readonly path: string;
}

interface Block {
  readonly source: string;
  readonly text: string;
}

/**
 * manifest.jsonl: the lines of one source are one block, appended by one write. Where a source has several blocks the
 * last one counts; close() takes the others out, so a process that was killed leaves nothing that the next one cannot repair.
 * Only digests are kept in memory: a manifest can have millions of lines.
 */
export class Manifest {
  readonly #path: string;
  readonly #digests = new Map<string, string>();
  #untidy = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Throws an OutputError for a file that was not made by us: it is left as it is. */
  static async open(path: string): Promise<Manifest> {
    const manifest = new Manifest(path);
    for await (const { source, text } of manifest.#blocks()) {
      if (manifest.#digests.has(source)) manifest.#untidy = true;
      manifest.#digests.set(source, digest(text));
    }
    await manifest.#tidy();
    return manifest;
  }

  /** Makes these the source's lines; does nothing where they already are. Throws OutputError. */
  put(source: string, entries: readonly ManifestEntry[]): void {
    const text = linesOf(entries);
    const before = this.#digests.get(source);
    if (text === "") this.remove(source);
    const now = digest(text);
    if (text === "" || before === now) return;
    if (before !== undefined) this.#untidy = true;
    try {
      // An empty line keeps the block apart from an earlier one of the same source, until both are tidied.
      appendFileSync(this.#path, before === undefined ? text : `\n${text}`);
    } catch (error) {
      this.#untidy = true;
      throw cannotWrite(this.#path, error);
    }
    this.#digests.set(source, now);
  }

  /** Takes the source's lines out, when the manifest is closed. */
  remove(source: string): void {
    if (this.#digests.delete(source)) this.#untidy = true;
  }

  async close(): Promise<void> {
    await this.#tidy();
  }

  async #tidy(): Promise<void> {
    if (!this.#untidy) return;
    const temporary = temporaryFor(this.#path);
    try {
      await pipeline(Readable.from(this.#current()), createWriteStream(temporary));
      renameSync(temporary, this.#path);
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#untidy = false;
  }

  async *#current(): AsyncGenerator<string> {
    const written = new Set<string>();
    for await (const { source, text } of this.#blocks()) {
      if (written.has(source) || this.#digests.get(source) !== digest(text)) continue;
      written.add(source);
      yield text;
    }
  }

  /** A line that was torn by a crash ends a block and is taken out by the next #tidy(). */
  async *#blocks(): AsyncGenerator<Block> {
    let block: { source: string; lines: string[] } | undefined;
    for await (const line of this.#lines()) {
      const source = sourceOf(line);
      if (source === undefined && !isTorn(line)) {
        throw new OutputError(`${this.#path}: has lines that framepool did not write: choose another --out`);
      }
      this.#untidy ||= source === undefined;
      if (block !== undefined && block.source !== source) {
        yield toBlock(block);
        block = undefined;
      }
      if (source === undefined) continue;
      block ??= { source, lines: [] };
      block.lines.push(line);
    }
    if (block !== undefined) yield toBlock(block);
  }

  /** What follows the last line feed may be torn. */
  async *#lines(): AsyncGenerator<string> {
    let rest = "";
    try {
      for await (const chunk of createReadStream(this.#path, "utf8")) {
        const lines = (rest + String(chunk)).split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
      }
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw cannotWrite(this.#path, error);
    }
    if (rest === "") return;
    this.#untidy = true;
    yield rest;
  }
}

const lineBegin = '{"source":"';

/**
 * Taken from one text of all, since V8 takes longer to begin one than to write a line. What they are parted by is in no string: a quote in
 * one has a backslash, and behind its last one is no letter.
 */
function linesOf(entries: readonly ManifestEntry[]): string {
  const lines = JSON.stringify(entries).slice(1, -1).replaceAll(`,${lineBegin}`, `\n${lineBegin}`);
  return lines === "" ? "" : `${lines}\n`;
}

/** A piece of a line of ours, perhaps with another one behind it, what keeps blocks apart, or what a crash leaves of a page. */
function isTorn(line: string): boolean {
  const text = line.replaceAll("\0", "");
  return text === "" || (text.startsWith(lineBegin.slice(0, text.length)) && parsed(text) === undefined);
}

function toBlock({ source, lines }: { source: string; lines: string[] }): Block {
  return { source, text: lines.map((line) => `${line}\n`).join("") };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

function sourceOf(line: string): string | undefined {
  const entry = parsed(line);
  if (typeof entry !== "object" || entry === null || !("source" in entry)) return undefined;
  if (!("key" in entry) || !("path" in entry)) return undefined;
  return typeof entry.source === "string" ? entry.source : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
