import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, readFile, readdir, rename, rm, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { FramepoolError, messageOf } from "../errors.js";
import { isRunning } from "../running-process.js";

/** Which machine a file that is being made belongs to, as far as names need to tell. */
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** Made aside, and put in its place when it is whole. */
export function partOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${machine}-${String(process.pid)}-${randomUUID().slice(0, 8)}.part`);
}

const partName = /^\.(?<shard>\d+)\b.*\.(?<machine>[0-9a-f]{8})-(?<pid>\d+)-[0-9a-f]{8}\.part$/;

/** Removes what processes of this machine left of a shard that are gone: killed, say. */
export async function removeLeftovers(folder: string, shards: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    const { shard, machine: owner, pid } = partName.exec(name)?.groups ?? {};
    if (shard === undefined || !shards.has(shard) || owner !== machine || isRunning(Number(pid))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** What a file is that lies on the disk. */
export interface Sealed {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file in the making: its bytes go to the disk and through a digest. */
export class PartFile {
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

  /** All bytes are on the disk; still not under its name. */
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

/** A file that appears whole or not at all. Throws E_IO, and what the pieces throw. */
export async function writeWhole(
  path: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const file = await PartFile.create(path);
  try {
    for await (const piece of pieces) await file.write(typeof piece === "string" ? Buffer.from(piece) : piece);
    await file.seal();
    await file.appear();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  await syncFolder(dirname(path));
}

/** So that a name given in it lasts. Where folders cannot be synchronised (Windows) the file system does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, "r").catch(() => undefined);
  await opened?.sync().catch(() => undefined);
  await opened?.close();
}

/** undefined where there is none, or it holds something else. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

export async function written<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new FramepoolError("E_IO", `cannot be written: ${messageOf(error)}`, { source: path, cause: error });
  }
}
