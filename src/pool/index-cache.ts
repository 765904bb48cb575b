import { mkdir, readFile, readdir, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { IndexFolder } from "./options.js";
import { type FileFacts, unwrapIndex, wrapIndex } from "./saved-index.js";
import { sha256 } from "./sha256.js";

/** Left behind by a process that died while it wrote. */
const abandonedMs = 60 * 60 * 1000;
/** So large a part of the folder's bytes is made free at once, and may be written without a look at what others wrote. */
const roomParts = 16;
const indexFile = /^[0-9a-f]{40}\.fpix$/;
const unfinishedFile = /^[0-9a-f]{40}\.fpix\.[0-9a-f-]{36}$/;

/** The place of one stream's index. */
export interface KeptIndex {
  /** What the worker made of it once. */
  get(): Promise<Uint8Array | undefined>;
  put(made: Uint8Array | undefined): Promise<void>;
}

/**
 * Indices in a folder that several processes may share. Files appear whole, by renaming; what cannot be read, is damaged or does
 * not fit counts as not there, and what cannot be written is not kept: no opening fails of it.
 */
export class IndexCache {
  readonly #settings: IndexFolder;
  /** What may still be written before the folder, in which others write too, is looked at again. */
  #room = 0;

  constructor(settings: IndexFolder) {
    this.#settings = settings;
  }

  /** `name`: which stream of what, and how it was opened. */
  of(name: string, facts: FileFacts): KeptIndex {
    return {
      get: () => this.#get(name, facts),
      put: async (made) => {
        if (made !== undefined) await this.#put(name, facts, made);
      },
    };
  }

  async #get(name: string, facts: FileFacts): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(name, facts);
    try {
      const body = unwrapIndex(await readFile(path), facts, path);
      const now = new Date();
      // Which are of use is told by their times.
      utimes(path, now, now).catch(() => undefined);
      return body;
    } catch {
      return undefined;
    }
  }

  async #put(name: string, facts: FileFacts, body: Uint8Array): Promise<void> {
    const bytes = wrapIndex(body, facts);
    if (bytes.length > this.#settings.maxBytes) return;
    const path = this.#pathOf(name, facts);
    const unfinished = `${path}.${crypto.randomUUID()}`;
    try {
      await mkdir(this.#settings.folder, { recursive: true });
      await writeFile(unfinished, bytes, { flag: "wx", mode: 0o600 });
      await rename(unfinished, path);
      this.#room -= bytes.length;
      if (this.#room < 0) await this.#makeRoom(path);
    } catch {
      await unlink(unfinished).catch(() => undefined);
    }
  }

  #pathOf(name: string, facts: FileFacts): string {
    const hash = sha256(JSON.stringify([name, facts.size, facts.version])).toString("hex");
    return join(this.#settings.folder, `${hash.slice(0, 40)}.fpix`);
  }

  /** Other processes may delete the same files at the same time. */
  async #makeRoom(newest: string): Promise<void> {
    const { folder, maxBytes } = this.#settings;
    const files: { readonly path: string; readonly bytes: number; readonly time: number }[] = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      if (indexFile.test(name)) files.push({ path, bytes: found.size, time: found.mtimeMs });
      else if (unfinishedFile.test(name) && Date.now() - found.mtimeMs > abandonedMs) await remove(path);
    }
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    // Once it is full, more than one goes: not every file that is written shall look at all others.
    const wanted = bytes <= maxBytes ? maxBytes : maxBytes - maxBytes / roomParts;
    for (const file of files.sort((a, b) => a.time - b.time)) {
      if (bytes <= wanted) break;
      if (file.path === newest) continue;
      await remove(file.path);
      bytes -= file.bytes;
    }
    this.#room = Math.min(maxBytes - bytes, maxBytes / roomParts);
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}
