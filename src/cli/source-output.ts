import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ImageFile } from "../index.js";
import { cannotWrite, exists, NameTakenError, removeEmptyFolder, removeFile, temporaryName } from "./files.js";
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

/** An image of other options'. */
interface OthersImage {
  readonly made: Made;
  readonly image: ImageRecord;
  /** Whether those make the same pictures, of other frames or of the same. */
  readonly isSame: boolean;
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
  readonly #before: Made | undefined;
  /** What other options made. */
  #others: readonly Made[];
  /** The same by name. */
  readonly #othersWith = new Map<string, OthersImage[]>();
  /** Names in the folder when the first image came. */
  #present: ReadonlySet<string> = new Set();
  /** Names that are ours to replace. */
  readonly #own: ReadonlySet<string>;
  #isKnown: boolean;
  #begun = false;

  constructor(out: string, key: string, wanted: Wanted, mover: Mover) {
    this.key = key;
    this.folder = join(out, key);
    this.staging = join(this.folder, stagingName);
    this.#wanted = wanted;
    this.#mover = mover;
    const record = readRecord(this.folder);
    const { made = [], unfinished = [] } = record ?? {};
    this.#isKnown = record !== undefined;
    this.#before = made.find(({ options }) => options === wanted.options);
    this.#others = made.filter(({ options }) => options !== wanted.options);
    for (const other of this.#others) {
      const isSame = isSamePicture(other.options, wanted.options);
      for (const image of other.images) {
        const all = this.#othersWith.get(image.file) ?? [];
        this.#othersWith.set(image.file, [...all, { made: other, image, isSame }]);
      }
    }
    this.#own = new Set([...unfinished, ...(this.#before?.images ?? []).map(({ file }) => file)]);
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
  resume(): "all" | readonly number[] {
    const made = this.#before;
    if (made === undefined || made.identity === null || made.identity !== this.#wanted.identity) return "all";
    for (const index of made.undecodable) this.#undecodable.add(index);
    const missing: number[] = [];
    for (const image of made.images) {
      if (this.#isPresent(image)) {
        this.#images.set(image.index, image);
        continue;
      }
      missing.push(image.index);
      if (exists(join(this.folder, image.file))) this.#altered += 1;
    }
    return missing;
  }

  #isPresent({ file, bytes }: ImageRecord): boolean {
    try {
      const found = statSync(join(this.folder, file));
      return found.isFile() && found.size === bytes;
    } catch {
      return false;
    }
  }

  /** Before the first image is made. Throws OutputError. */
  begin(): void {
    this.#begun = true;
    try {
      mkdirSync(this.folder, { recursive: true });
      this.#removeTemporary();
      // From now on the folder is this source's, also for a run after one that was killed.
      if (!this.#isKnown) writeRecord(this.folder, { source: this.#wanted.source, made: [], unfinished: [] });
      mkdirSync(this.staging);
      this.#present = new Set(readdirSync(this.folder));
    } catch (error) {
      throw cannotWrite(this.folder, error);
    }
  }

  /** An image that lies in the staging folder. Returns how many came with it: none where two requested times show the same frame. */
  take(image: ImageFile, naming: ImageNaming): number {
    const { path, bytes, width, height, index, ptsSeconds, durationSeconds, status } = image;
    if (this.#images.has(index)) return 0;
    const usual = naming.usual(image);
    const isFree = this.#othersWith.get(usual)?.every(({ isSame }) => isSame) ?? true;
    const file = this.#nameFor(isFree ? usual : naming.distinct(image));
    this.#staged.set(file, path);
    this.#images.set(index, { index, ptsSeconds, durationSeconds, status, file, width, height, bytes });
    return 1;
  }

  /** The name, where it is ours to take. Throws NameTakenError. */
  #nameFor(file: string): string {
    if (this.#own.has(file)) return file;
    const others = this.#othersWith.get(file);
    if (others === undefined && !this.#present.has(file)) return file;
    const path = join(this.folder, file);
    if (others === undefined) {
      throw new NameTakenError(`${path}: is there, and was not made by framepool: move it, or choose another --out`);
    }
    if (this.#wanted.force || others.every(({ made }) => this.#isCurrent(made))) return file;
    throw new NameTakenError(
      `${path}: other options made it of an older version of the file: choose another --out, or --force to replace it`,
    );
  }

  /** Of the version that the source has now, as far as can be told. */
  #isCurrent({ identity }: Made): boolean {
    return identity === this.#wanted.identity;
  }

  /** Other options may have made the very same images: those stay. */
  #keepSame(): void {
    if (this.#wanted.force || this.#wanted.identity === null || this.#others.length === 0) return;
    for (const [index, { file }] of this.#images) {
      const same = this.#staged.has(file) && !this.#own.has(file) ? this.#othersWith.get(file)?.[0]?.image : undefined;
      if (same === undefined || !this.#isPresent(same)) continue;
      this.#staged.delete(file);
      this.#images.set(index, same);
    }
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
    this.#keepSame();
    // All pictures pass here, at the end of a run that has no more to decode: each array and object less counts.
    const { images } = this;
    const made = this.#othersNow(images);
    const unfinished = [...new Set([...this.#own, ...this.#staged.keys()])];
    try {
      writeRecord(this.folder, { source, made, unfinished });
      this.#isKnown = true;
      this.#removeStale([...made.flatMap((other) => other.images), ...images]);
      const [names, from] = [[...this.#staged.keys()], [...this.#staged.values()]];
      await this.#mover.move({ to: this.folder, names, from, emptied: this.staging });
      const own = { identity, options, images, undecodable: this.undecodable };
      writeRecord(this.folder, { source, made: [...made, own], unfinished: [] });
    } catch (error) {
      throw cannotWrite(this.folder, error);
    }
    this.#others = made;
  }

  /** What the same options made before and nothing names any more. */
  #removeStale(kept: readonly ImageRecord[]): void {
    if (this.#own.size === 0) return;
    const names = new Set(kept.map(({ file }) => file));
    for (const file of this.#own) if (!names.has(file)) removeFile(join(this.folder, file));
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
  discard(): void {
    if (!this.#begun) return;
    try {
      this.#removeTemporary();
    } catch {
      // A worker that was told to stop, or somebody else, has put something there.
      return;
    }
    if (this.#isKnown) return;
    removeFile(join(this.folder, recordFile));
    removeEmptyFolder(this.folder);
  }

  /** Also what a process left that was killed. */
  #removeTemporary(): void {
    const names = readdirSync(this.folder).filter((name) => temporaryName.test(name));
    for (const name of names) rmSync(join(this.folder, name), { recursive: true, force: true });
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
