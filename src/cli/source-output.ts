import { mkdir, readdir, rm, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ImageFile } from "../index.js";
import { cannotWrite, exists, NameTakenError, temporaryName } from "./files.js";
import type { ImageNaming } from "./images.js";
import type { ManifestEntry } from "./manifest.js";
import { isSamePicture, readRecord, recordFile, writeRecord, type ImageRecord, type Made } from "./source-record.js";
import type { Mover } from "./mover.js";

interface Wanted {
  /** The absolute path or address. */
  readonly source: string;
  /** null: cannot be known, so nothing made before can be trusted. */
  readonly identity: string | null;
  /** Selection and image options as text. */
  readonly options: string;
  /** Also what is there already, and what other options made of an older version. */
  readonly force: boolean;
}

/**
 * Holds what is being made until all of it is there. Its images are renamed twice, by their worker (the library's `folder` has whole files
 * or none) and into their place: only here is it known which of those that are there may be replaced, and only once all of a video is made.
 */
const stagingName = ".framepool-images.part";

/**
 * The folder of one source: what is there, and what of it is still right. Images are made aside and put in their place when
 * all are there; only those that the same options made before are replaced or taken away.
 */
export class SourceOutput {
  readonly key: string;
  readonly folder: string;
  /** Where its images are made. */
  readonly staging: string;
  readonly #wanted: Wanted;
  readonly #mover: Mover;
  readonly #images = new Map<number, ImageRecord>();
  readonly #undecodable = new Set<number>();
  /** Images that wait in the staging folder: the name they will have, and the path they have there. */
  readonly #staged = new Map<string, string>();
  #altered = 0;
  /** What the same options made before. */
  #before: Made | undefined;
  /** What other options made. */
  #others: readonly Made[] = [];
  /** Names in the folder when the first image came. */
  #present: ReadonlySet<string> = new Set();
  /** Names that are ours to replace. */
  #own: ReadonlySet<string> = new Set();
  #unfinished: readonly string[] = [];
  #isKnown = false;
  #begun: Promise<void> | undefined;

  private constructor(out: string, key: string, wanted: Wanted, mover: Mover) {
    this.key = key;
    this.folder = join(out, key);
    this.staging = join(this.folder, stagingName);
    this.#wanted = wanted;
    this.#mover = mover;
  }

  static async open(out: string, key: string, wanted: Wanted, mover: Mover): Promise<SourceOutput> {
    const output = new SourceOutput(out, key, wanted, mover);
    const record = await readRecord(output.folder);
    output.#isKnown = record !== undefined;
    output.#before = record?.made.find(({ options }) => options === wanted.options);
    output.#others = record?.made.filter(({ options }) => options !== wanted.options) ?? [];
    output.#unfinished = record?.unfinished ?? [];
    output.#own = new Set([...output.#unfinished, ...(output.#before?.images ?? []).map(({ file }) => file)]);
    return output;
  }

  get images(): readonly ImageRecord[] {
    return [...this.#images.values()].sort((a, b) => a.index - b.index);
  }

  get undecodable(): readonly number[] {
    return [...this.#undecodable].sort((a, b) => a - b);
  }

  get written(): number {
    return this.#staged.size;
  }

  /** Images that were made again since they are not what was written. */
  get altered(): number {
    return this.#altered;
  }

  /** Images of an older version of the source, which other options made and which are left as they are. */
  get outdated(): number {
    return this.#others.filter((made) => !this.#isCurrent(made)).reduce((sum, { images }) => sum + images.length, 0);
  }

  /** Takes over what the same options made of the same file before. Returns what is missing: all, or some frames, or none. */
  async resume(): Promise<"all" | readonly number[]> {
    const made = this.#before;
    if (made === undefined || made.identity === null || made.identity !== this.#wanted.identity) return "all";
    const present = await Promise.all(made.images.map((image) => this.#isPresent(image)));
    made.images.forEach((image, i) => present[i] === true && this.#images.set(image.index, image));
    for (const index of made.undecodable) this.#undecodable.add(index);
    const missing = made.images.filter((_, i) => present[i] !== true);
    for (const { file } of missing) if (await exists(join(this.folder, file))) this.#altered += 1;
    return missing.map(({ index }) => index);
  }

  async #isPresent({ file, bytes }: ImageRecord): Promise<boolean> {
    try {
      const found = await stat(join(this.folder, file));
      return found.isFile() && found.size === bytes;
    } catch {
      return false;
    }
  }

  /** Before the first image is made. */
  begin(): Promise<void> {
    return (this.#begun ??= this.#begin());
  }

  async #begin(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      await this.#removeTemporary();
      // From now on the folder is this source's, also for a run after one that was killed.
      if (!this.#isKnown) await writeRecord(this.folder, { source: this.#wanted.source, made: [], unfinished: [] });
      await mkdir(this.staging);
      this.#present = new Set(await readdir(this.folder));
    } catch (error) {
      throw cannotWrite(this.folder, error);
    }
  }

  /** An image that lies in the staging folder. Returns how many came with it: none where two requested times show the same frame. */
  async take(image: ImageFile, naming: ImageNaming): Promise<number> {
    const { path, bytes, width, height, index, ptsSeconds, durationSeconds, status } = image;
    if (this.#images.has(index)) return 0;
    const usual = naming.usual(image);
    // Every picture passes here: where no other options made anything, nothing is asked, and nothing awaited.
    const alone = this.#others.length === 0;
    const file = this.#nameFor(alone || this.#isFree(usual) ? usual : naming.distinct(image));
    const same = alone ? undefined : await this.#alreadyMade(file);
    if (same === undefined) this.#staged.set(file, path);
    this.#images.set(index, same ?? { index, ptsSeconds, durationSeconds, status, file, width, height, bytes });
    return 1;
  }

  /** Other options gave the name to no other picture. */
  #isFree(file: string): boolean {
    return !this.#othersWith(file).some(({ options }) => !isSamePicture(options, this.#wanted.options));
  }

  /** The name, where it is ours to take. Throws NameTakenError. */
  #nameFor(file: string): string {
    if (this.#own.has(file)) return file;
    const others = this.#othersWith(file);
    if (others.length === 0 && !this.#present.has(file)) return file;
    const path = join(this.folder, file);
    if (others.length === 0) {
      throw new NameTakenError(`${path}: is there, and was not made by framepool: move it, or choose another --out`);
    }
    if (this.#wanted.force || others.every((made) => this.#isCurrent(made))) return file;
    throw new NameTakenError(
      `${path}: other options made it of an older version of the file: choose another --out, or --force to replace it`,
    );
  }

  #othersWith(file: string): readonly Made[] {
    return this.#others.filter(({ images }) => images.some((image) => image.file === file));
  }

  /** Of the version that the source has now, as far as can be told. */
  #isCurrent({ identity }: Made): boolean {
    return identity === this.#wanted.identity;
  }

  /** Other options may have made the very same image. */
  async #alreadyMade(file: string): Promise<ImageRecord | undefined> {
    if (this.#wanted.force || this.#wanted.identity === null || this.#own.has(file)) return undefined;
    const image = this.#othersWith(file)[0]?.images.find((candidate) => candidate.file === file);
    return image !== undefined && (await this.#isPresent(image)) ? image : undefined;
  }

  addUndecodable(index: number): void {
    this.#undecodable.add(index);
  }

  /**
   * Puts everything in its place. Until that is done the record names all files that may be there: a process that is killed
   * in between leaves none that the next run would take for somebody else's.
   */
  async finish(): Promise<void> {
    const { source, identity, options } = this.#wanted;
    // All pictures pass here, at the end of a run that has no more to decode: each array and object less counts.
    const { images } = this;
    const made = this.#othersNow(images);
    const unfinished = [...new Set([...this.#own, ...this.#staged.keys()])];
    try {
      await writeRecord(this.folder, { source, made, unfinished });
      this.#isKnown = true;
      await this.#removeStale([...made.flatMap((other) => other.images), ...images]);
      await this.#mover.move({ to: this.folder, names: [...this.#staged.keys()], from: [...this.#staged.values()] });
      const own = { identity, options, images, undecodable: this.undecodable };
      await writeRecord(this.folder, { source, made: [...made, own], unfinished: [] });
      await this.#removeTemporary();
    } catch (error) {
      throw cannotWrite(this.folder, error);
    }
    this.#others = made;
  }

  /** What the same options made before and nothing names any more. */
  async #removeStale(kept: readonly ImageRecord[]): Promise<void> {
    if (this.#own.size === 0) return;
    const names = new Set(kept.map(({ file }) => file));
    for (const file of this.#own) if (!names.has(file)) await unlink(join(this.folder, file)).catch(() => undefined);
  }

  /** What other options made, without the images that this run replaces. */
  #othersNow(images: readonly ImageRecord[]): Made[] {
    if (this.#others.length === 0) return [];
    const replaced = new Map(images.map((image) => [image.file, image]));
    return this.#others.map((made) => {
      const images = made.images.flatMap((image) => {
        const now = this.#staged.has(image.file) ? replaced.get(image.file) : undefined;
        if (now === undefined) return [image];
        return this.#isCurrent(made) ? [now] : [];
      });
      return { ...made, images };
    });
  }

  /** Takes back what this process wrote. What was there before is untouched. */
  async discard(): Promise<void> {
    if (this.#begun === undefined) return;
    await this.#removeTemporary();
    if (this.#isKnown) return;
    await unlink(join(this.folder, recordFile)).catch(() => undefined);
    // Stays where somebody else put something into it.
    await rmdir(this.folder).catch(() => undefined);
  }

  /** Also what a process left that was killed. */
  async #removeTemporary(): Promise<void> {
    const names = (await readdir(this.folder).catch((): string[] => [])).filter((name) => temporaryName.test(name));
    await Promise.all(names.map((name) => rm(join(this.folder, name), { recursive: true, force: true })));
  }

  /** Everything that is there of the source as it is now, whichever options made it. */
  manifestEntries(): ManifestEntry[] {
    const { key } = this;
    const { source } = this.#wanted;
    return this.#listed().map(({ index, ptsSeconds, durationSeconds, status, file, width, height }) => {
      const path = `${key}/${file}`;
      return { source, key, index, ptsSeconds, durationSeconds, status, path, width, height };
    });
  }

  #listed(): readonly ImageRecord[] {
    const current = this.#others.filter((made) => this.#isCurrent(made)).flatMap(({ images }) => images);
    if (current.length === 0) return this.images;
    const byFile = new Map([...current, ...this.images].map((image) => [image.file, image]));
    return [...byFile.values()].sort((a, b) => a.index - b.index || (a.file < b.file ? -1 : 1));
  }
}
