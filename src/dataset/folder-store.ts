import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FramepoolError, messageOf, propertyOf } from "../errors.js";
import { isLeftBehind, nameOfOwn } from "../running-process.js";
import type { NewFile, Sealed, ShardFile, Store } from "./store.js";

/** Made aside, and put in its place when it is whole. */
export function partOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${nameOfOwn()}.part`);
}

/** Without a shard: of the whole data set's own files. */
const partName = /^\.(?:(?<shard>\d+)\b)?.*\.(?<owner>[^.]+)\.part$/;

/** A folder of this machine, or one that it sees. */
export class FolderStore implements Store {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  locate(name: string): string {
    return join(this.#path, name);
  }

  async prepare(): Promise<void> {
    try {
      await mkdir(this.#path, { recursive: true });
    } catch (error) {
      throw new FramepoolError("E_IO", `cannot be made: ${messageOf(error)}`, { source: this.#path, cause: error });
    }
  }

  async create(name: string): Promise<NewFile> {
    return await PartFile.create(this.locate(name));
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.locate(name);
    try {
      return (await open(path)).createReadStream() as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (propertyOf(error, "code") === "ENOENT") return undefined;
      throw new FramepoolError("E_IO", `cannot be read: ${messageOf(error)}`, { source: path, cause: error });
    }
  }

  async holds({ file, bytes, sha256 }: ShardFile): Promise<boolean> {
    const found = await stat(this.locate(file)).catch(() => undefined);
    if (found === undefined) return false;
    return sha256 === undefined ? found.isDirectory() : found.isFile() && found.size === bytes;
  }

  async sync(): Promise<void> {
    await syncFolder(this.#path);
  }

  async removeLeftovers(shards: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#path)) {
      const { shard, owner = "" } = partName.exec(name)?.groups ?? {};
      if (!isLeftBehind(owner)) continue;
      if (shard !== undefined && !shards.has(shard)) continue;
      await rm(this.locate(name), { recursive: true, force: true });
    }
  }
}

/** Its bytes go to the disk and through a digest. */
class PartFile implements NewFile {
  readonly #path: string;
  readonly #part: string;
  readonly #file: FileHandle;
  readonly #digest = createHash("sha256");
  #bytes = 0;

  private constructor(path: string, part: string, file: FileHandle) {
    this.#path = path;
    this.#part = part;
    this.#file = file;
  }

  /** `path`: what it will be. Throws E_IO. */
  static async create(path: string): Promise<PartFile> {
    const part = partOf(path);
    return new PartFile(path, part, await written(path, () => open(part, "wx")));
  }

  async write(data: Uint8Array): Promise<void> {
    this.#digest.update(data);
    this.#bytes += data.length;
    await written(this.#path, () => this.#file.writeFile(data));
  }

  async seal(): Promise<Sealed> {
    await written(this.#path, () => this.#file.sync());
    await this.#file.close();
    return { bytes: this.#bytes, sha256: this.#digest.digest("hex") };
  }

  async appear(): Promise<void> {
    await written(this.#path, () => rename(this.#part, this.#path));
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await unlink(this.#part).catch(() => undefined);
  }
}

/** So that a name given in it lasts. Where folders cannot be synchronised (Windows) the file system does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, "r").catch(() => undefined);
  await opened?.sync().catch(() => undefined);
  await opened?.close();
}

export async function written<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new FramepoolError("E_IO", `cannot be written: ${messageOf(error)}`, { source: path, cause: error });
  }
}
