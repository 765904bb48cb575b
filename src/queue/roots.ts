import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { isBelow, isS3, parseS3, s3Folder, type S3Address } from "../dataset/s3/address.js";
import { FramepoolError, argumentError } from "../errors.js";

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

  /** Where a job's path or `s3:` address leads, links too. Throws E_ACCESS for what is outside. */
  async inside(path: string): Promise<string> {
    if (isS3(path)) {
      const address = parseS3(path);
      if (address !== undefined && this.#prefixes.some((prefix) => isBelow(address, prefix))) return path;
      throw outside(path);
    }
    const root = this.#folder;
    if (root === undefined) throw outside(path);
    let existing = resolve(root, path);
    let rest = "";
    for (;;) {
      const real = await realpath(existing).catch(() => undefined);
      if (real !== undefined) {
        const found = resolve(real, rest);
        const way = relative(root, found);
        if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw outside(path);
        return found;
      }
      const parent = resolve(existing, "..");
      if (parent === existing) return resolve(root, path);
      rest = rest === "" ? relative(parent, existing) : `${relative(parent, existing)}${sep}${rest}`;
      existing = parent;
    }
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
