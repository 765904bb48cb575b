import { isUtf8 } from "node:buffer";
import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { isBelow, isS3, parseS3, s3Folder, type S3Address } from "../dataset/s3/address.js";
import { FramepoolError, argumentError } from "../errors.js";
import type { FilePath } from "../protocol/file-path.js";
import { pathOfUrl, urlOfPath } from "../sources/file-url.js";

/** What a worker may read and write, whatever a job says. */
export class Roots {
  /** Links followed; undefined: no paths of this machine at all. */
  readonly #folder: string | undefined;
  readonly #prefixes: readonly S3Address[];

  private constructor(folder: string | undefined, prefixes: readonly S3Address[]) {
    this.#folder = folder;
    this.#prefixes = prefixes;
  }

  /** Throws FramepoolTypeError. */
  static async of(root: unknown): Promise<Roots> {
    const list: readonly unknown[] = Array.isArray(root) ? root : [root];
    const folders: string[] = [];
    const prefixes: S3Address[] = [];
    for (const one of list) {
      if (typeof one !== "string" || one === "" || one.includes("\0")) {
        throw argumentError("options.root", "the path of a folder, or s3://bucket/prefix", one);
      }
      if (!isS3(one)) folders.push(one);
      else if (parseS3(one) === undefined) throw argumentError("options.root", "s3://bucket/prefix", one);
      else prefixes.push(s3Folder(one));
    }
    const [folder] = folders;
    if (folders.length > 1 || list.length === 0) {
      throw argumentError("options.root", "one folder, and any number of s3://bucket/prefix", list);
    }
    return new Roots(folder === undefined ? undefined : await realOf(folder), prefixes);
  }

  /** The same of a folder that is written to. Throws E_IO where its name is not UTF-8. */
  async folder(path: string): Promise<string> {
    const found = await this.inside(path);
    if (!/^file:/i.test(found)) return found;
    throw new FramepoolError("E_IO", "names of folders that are written to must be UTF-8", { source: found });
  }

  /** Where a job's path, `file:` or `s3:` address leads, links too: a path, or an address where that is not UTF-8. Throws E_ACCESS for what is outside. */
  async inside(path: string): Promise<string> {
    if (isS3(path)) {
      const address = parseS3(path);
      if (address !== undefined && this.#prefixes.some((prefix) => isBelow(address, prefix))) return path;
      throw outside(path);
    }
    if (this.#folder === undefined) throw outside(path);
    // Bytes that are not UTF-8 stay what they are: each is a character here.
    const root = bytesAsText(this.#folder);
    const wanted = bytesAsText(/^file:/i.test(path) ? pathOf(path) : path);
    let existing = resolve(root, wanted);
    let rest = "";
    for (;;) {
      const real = await realpath(Buffer.from(existing, "latin1"), "buffer").catch(() => undefined);
      if (real !== undefined) {
        const found = resolve(bytesAsText(real), rest);
        const way = relative(root, found);
        if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside(path);
        return named(found);
      }
      const parent = resolve(existing, "..");
      if (parent === existing) return named(resolve(root, wanted));
      rest = rest === "" ? relative(parent, existing) : `${relative(parent, existing)}${sep}${rest}`;
      existing = parent;
    }
  }
}

function bytesAsText(path: FilePath): string {
  return (typeof path === "string" ? Buffer.from(path) : Buffer.from(path)).toString("latin1");
}

/** What `bytesAsText` made a text of: a path, or the `file:` URL of one that is not UTF-8. */
function named(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? bytes.toString() : urlOfPath(bytes);
}

function pathOf(address: string): FilePath {
  try {
    return pathOfUrl(address);
  } catch {
    throw outside(address);
  }
}

function outside(path: string): FramepoolError {
  return new FramepoolError("E_ACCESS", "is outside of what this worker may use (root)", { source: path });
}

async function realOf(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    throw argumentError("options.root", "a folder that is there", folder);
  }
}
