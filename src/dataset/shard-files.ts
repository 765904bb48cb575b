import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTarPacker } from "modern-tar";
import { propertyOf } from "../errors.js";
import { partOf, syncFolder, written } from "./folder-store.js";
import type { NewFile, Sealed, ShardFile, Store } from "./store.js";

/** A file of a sample. */
interface Member {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Where the samples of a shard go. Nothing of it is seen under its name before `appear`. */
export interface ShardSink {
  /** Resolves with the name of the file or folder that the sample is in. */
  add(members: readonly Member[]): Promise<string>;
  /** Everything is written: what there will be. */
  seal(): Promise<readonly ShardFile[]>;
  appear(): Promise<void>;
  /** Nothing of it stays. */
  abandon(): Promise<void>;
}

const recordBytes = 512;

/** Bytes that a member takes in a tar file. */
function bytesInTar({ data }: Member): number {
  return recordBytes + Math.ceil(data.length / recordBytes) * recordBytes;
}

/** Tar files as WebDataset reads them: what belongs to one sample lies together, and has one name before the first dot. */
export class TarShard implements ShardSink {
  readonly #store: Store;
  readonly #name: string;
  readonly #mostBytes: number;
  readonly #parts: { readonly tar: TarFile; readonly file: string }[] = [];
  #bytes = 0;

  constructor(store: Store, name: string, mostBytes: number) {
    this.#store = store;
    this.#name = name;
    this.#mostBytes = mostBytes;
  }

  async add(members: readonly Member[]): Promise<string> {
    const bytes = members.reduce((sum, member) => sum + bytesInTar(member), 0);
    let last = this.#parts.at(-1);
    if (last === undefined || this.#bytes + bytes > this.#mostBytes) {
      await last?.tar.end();
      last = await this.#next();
    }
    this.#bytes += bytes;
    await last.tar.add(members);
    return last.file;
  }

  async seal(): Promise<readonly ShardFile[]> {
    if (this.#parts.length === 0) await this.#next();
    return await Promise.all(
      this.#parts.map(async ({ tar, file }) => ({ file, ...(await tar.end()), samples: tar.samples })),
    );
  }

  async appear(): Promise<void> {
    for (const { tar } of this.#parts) await tar.appear();
    await this.#store.sync();
  }

  async abandon(): Promise<void> {
    await Promise.all(this.#parts.map(({ tar }) => tar.abandon()));
  }

  async #next(): Promise<{ readonly tar: TarFile; readonly file: string }> {
    const part = this.#parts.length;
    const file = part === 0 ? `${this.#name}.tar` : `${this.#name}-${String(part).padStart(3, "0")}.tar`;
    const next = { tar: new TarFile(await this.#store.create(file)), file };
    this.#parts.push(next);
    this.#bytes = 0;
    return next;
  }
}

/** Nothing in a tar file may depend on when, where or by whom it was made. */
const anybodys = { type: "file", mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" } as const;

class TarFile {
  readonly #file: NewFile;
  readonly #packer = createTarPacker();
  readonly #copied: Promise<void>;
  #samples = 0;
  #sealed: Promise<Sealed> | undefined;

  constructor(file: NewFile) {
    this.#file = file;
    this.#copied = this.#copy();
    // Whoever adds or ends is told.
    this.#copied.catch(() => undefined);
  }

  get samples(): number {
    return this.#samples;
  }

  async add(members: readonly Member[]): Promise<void> {
    for (const { name, data } of members) {
      const put = async (): Promise<void> => {
        const body = this.#packer.controller.add({ ...anybodys, name, size: data.length }).getWriter();
        await body.write(data);
        await body.close();
      };
      // A disk that is full ends the copying, and with it every wait for room in the packer: of the two the first cause is told.
      await Promise.race([this.#orFirst(put), this.#copied]);
    }
    this.#samples++;
  }

  /** Nothing more comes: all of it is on the disk. */
  async end(): Promise<Sealed> {
    this.#sealed ??= this.#seal();
    return await this.#sealed;
  }

  async appear(): Promise<void> {
    await this.#file.appear();
  }

  async abandon(): Promise<void> {
    if (this.#sealed === undefined) this.#packer.controller.error(new Error("the shard is abandoned"));
    await this.#copied.catch(() => undefined);
    await this.#file.abandon();
  }

  async #seal(): Promise<Sealed> {
    await this.#orFirst(async () => {
      this.#packer.controller.finalize();
      await this.#copied;
    });
    return await this.#file.seal();
  }

  async #orFirst(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      await this.#copied;
      throw error;
    }
  }

  async #copy(): Promise<void> {
    for await (const chunk of this.#packer.readable) await this.#file.write(chunk);
  }
}

/** The same files in a folder. */
export class FolderShard implements ShardSink {
  readonly #path: string;
  readonly #part: string;
  readonly #name: string;
  #bytes = 0;
  #samples = 0;
  #made: Promise<unknown> | undefined;

  constructor(folder: string, name: string) {
    this.#name = name;
    this.#path = join(folder, name);
    this.#part = partOf(this.#path);
  }

  async add(members: readonly Member[]): Promise<string> {
    await this.#make();
    for (const { name, data } of members) {
      await written(this.#path, () => writeFile(join(this.#part, name), data, { flush: true }));
      this.#bytes += data.length;
    }
    this.#samples++;
    return this.#name;
  }

  async seal(): Promise<readonly ShardFile[]> {
    await this.#make();
    await syncFolder(this.#part);
    return [{ file: this.#name, bytes: this.#bytes, samples: this.#samples }];
  }

  async appear(): Promise<void> {
    await written(this.#path, async () => {
      while (!(await this.#replace()));
    });
  }

  /** False where another run's appeared at the same moment. */
  async #replace(): Promise<boolean> {
    try {
      // Of a run that ended before it could say that the shard is done, or of an input that has changed: ours, and to be replaced.
      await rm(this.#path, { recursive: true, force: true });
      await rename(this.#part, this.#path);
      return true;
    } catch (error) {
      const code = propertyOf(error, "code");
      if (code === "ENOTEMPTY" || code === "EEXIST") return false;
      throw error;
    }
  }

  async abandon(): Promise<void> {
    await rm(this.#part, { recursive: true, force: true });
  }

  async #make(): Promise<void> {
    this.#made ??= written(this.#path, () => mkdir(this.#part));
    await this.#made;
  }
}
