// Names of files that are not UTF-8, which Linux allows. Everywhere else in the command names are texts: such a one is the `file:` URL
// of its path, whose escapes stand for bytes, and which the library, and this command, take as a name.
import { isUtf8 } from "node:buffer";
import { readFileSync, readlinkSync } from "node:fs";
import { posix } from "node:path";
import { pathOfUrl, urlOfPath } from "../sources/file-url.js";

/** What Node puts in the place of bytes that are not UTF-8. */
const replacement = "\ufffd";

/** A path in bytes as a name. */
export function nameOf(path: Buffer): string {
  return isUtf8(path) ? path.toString() : urlOfPath(resolved(path));
}

/** The path, absolute, of a name that stands for bytes which are not UTF-8. */
export function bytesOf(name: string): Buffer | undefined {
  if (/^file:\/\//i.test(name)) return bytesOfUrl(name);
  // A name is UTF-8, and the folder where we are is not.
  if (process.platform !== "linux" || !process.cwd().includes(replacement)) return undefined;
  const bytes = resolved(Buffer.from(name));
  return isUtf8(bytes) ? undefined : bytes;
}

function bytesOfUrl(address: string): Buffer | undefined {
  try {
    const path = pathOfUrl(address);
    return typeof path === "string" ? undefined : Buffer.from(path);
  } catch {
    // Whoever takes it as an address says what is wrong.
    return undefined;
  }
}

/** For people, and as the name of a folder: what is not UTF-8 as in an address, `caf%E9`. */
export function legible(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(bytes.subarray(at, at + count)));
    const character = bytes.subarray(at, at + (length ?? 1));
    text += length === undefined ? `%${character.toString("hex").toUpperCase()}` : character.toString();
    at += character.length;
  }
  return text;
}

/** Arguments of the command line, with names where Node could not tell them: the system has their bytes. */
export function givenNames(names: readonly string[]): string[] {
  if (process.platform !== "linux" || !names.some((name) => name.includes(replacement))) return [...names];
  const left = bytesGiven();
  return names.map((name) => {
    const place = left.findIndex((bytes) => bytes.toString() === name);
    const [bytes] = place === -1 ? [] : left.splice(place, 1);
    return bytes === undefined ? name : nameOf(bytes);
  });
}

/** The value of an option: the system has its bytes, alone or behind the option's name. */
export function isNotUtf8(value: string): boolean {
  if (process.platform !== "linux" || !value.includes(replacement)) return false;
  return bytesGiven().some((bytes) => bytes.toString().endsWith(value));
}

/** Those arguments of this process that are not UTF-8. */
function bytesGiven(): Buffer[] {
  return splitBytes(readFileSync("/proc/self/cmdline"), 0).filter((bytes) => !isUtf8(bytes));
}

/** The folder where we are has a name that is not UTF-8. */
export function isInUnnamedFolder(): boolean {
  return process.cwd().includes(replacement) && !isUtf8(resolved(Buffer.from(".")));
}

export function splitBytes(bytes: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let begin = 0; begin <= bytes.length;) {
    const found = bytes.indexOf(separator, begin);
    const end = found === -1 ? bytes.length : found;
    parts.push(bytes.subarray(begin, end));
    begin = end + 1;
  }
  return parts;
}

/** By bytes: what separates the parts of a path is ASCII. */
function resolved(path: Buffer): Buffer {
  const cwd = process.cwd().includes(replacement)
    ? readlinkSync("/proc/self/cwd", "buffer")
    : Buffer.from(process.cwd());
  return Buffer.from(posix.resolve(cwd.toString("latin1"), path.toString("latin1")), "latin1");
}
