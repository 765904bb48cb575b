import { mkdir, readdir, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "../index.js";
import { cannotWrite, temporaryName, writeWhole } from "./files.js";
import { encodeImage, imageName, imageNamePattern, type ImageOptions } from "./images.js";
import type { ManifestEntry } from "./manifest.js";
import { recordFile, readRecord, writeRecord, type ImageRecord, type Made } from "./source-record.js";

export interface Wanted {
  /** The absolute path or address. */
  readonly source: string;
  /** undefined: cannot be known, so nothing made before can be trusted. */
  readonly identity: string | undefined;
  /** Selection and image options as text. */
  readonly options: string;
}

/** The folder of one source: what is there, and what of it is still right. */
export class SourceOutput {
  readonly key: string;
  readonly folder: string;
  readonly #wanted: Wanted;
  readonly #images = new Map<number, ImageRecord>();
  readonly #undecodable = new Set<number>();
  readonly #started = new Set<number>();
  /** Written by this process. */
  readonly #written = new Set<number>();
  #begun: Promise<void> | undefined;
  #repairs = false;

  constructor(out: string, key: string, wanted: Wanted) {
    this.key = key;
    this.folder = join(out, key);
    this.#wanted = wanted;
  }

  get images(): readonly ImageRecord[] {
    return [...this.#images.values()].sort((a, b) => a.index - b.index);
  }

  get undecodable(): readonly number[] {
    return [...this.#undecodable].sort((a, b) => a - b);
  }

  get written(): number {
    return this.#written.size;
  }

  /** Takes over what the same options made of the same file before. Returns what is missing: all, or some frames, or none. */
  async resume(): Promise<"all" | readonly number[]> {
    const made = (await readRecord(this.folder))?.made;
    if (made === undefined || made.identity !== this.#wanted.identity || made.options !== this.#wanted.options)
      return "all";
    const present = await Promise.all(made.images.map((image) => this.#isPresent(image)));
    this.#take({ ...made, images: made.images.filter((_, i) => present[i]) });
    this.#repairs = true;
    return made.images.filter((_, i) => !present[i]).map((image) => image.index);
  }

  #take(made: Made): void {
    for (const image of made.images) this.#images.set(image.index, image);
    for (const index of made.undecodable) this.#undecodable.add(index);
  }

  async #isPresent({ file, bytes }: ImageRecord): Promise<boolean> {
    try {
      const found = await stat(join(this.folder, file));
      return found.isFile() && found.size === bytes;
    } catch {
      return false;
    }
  }

  /** Called when the first frames are there: what an earlier run made stays until there is something to replace it. */
  begin(): Promise<void> {
    return (this.#begun ??= this.#begin());
  }

  async #begin(): Promise<void> {
    if (this.#repairs) return;
    try {
      await mkdir(this.folder, { recursive: true });
      await writeRecord(this.folder, { source: this.#wanted.source });
      await this.#removeImages(() => true);
    } catch (error) {
      throw cannotWrite(this.folder, error);
    }
  }

  /** Resolves to false where the frame is there already: two requested times can show the same one. */
  async write(frame: Frame, options: ImageOptions): Promise<boolean> {
    const { index, ptsSeconds, durationSeconds, status } = frame;
    if (this.#started.has(index) || this.#images.has(index)) return false;
    this.#started.add(index);
    const file = imageName(frame, options.format);
    const { data, width, height } = await encodeImage(frame, options);
    await writeWhole(join(this.folder, file), data);
    this.#written.add(index);
    this.#images.set(index, {
      index,
      ptsSeconds,
      durationSeconds,
      status,
      file,
      width,
      height,
      bytes: data.byteLength,
    });
    return true;
  }

  addUndecodable(index: number): void {
    this.#undecodable.add(index);
  }

  async finish(): Promise<void> {
    const { source, identity, options } = this.#wanted;
    const { images, undecodable } = this;
    await writeRecord(this.folder, {
      source,
      ...(identity !== undefined && { made: { identity, options, images, undecodable } }),
    });
  }

  /** Takes back what this process wrote. Resolves to true where nothing is left of the source. */
  async discard(): Promise<boolean> {
    if (this.#begun === undefined) return false;
    const written = new Set(this.images.filter(({ index }) => this.#written.has(index)).map(({ file }) => file));
    await this.#removeImages((name) => written.has(name));
    if (this.#repairs) return false;
    await unlink(join(this.folder, recordFile)).catch(() => undefined);
    // Stays where somebody else put something into it.
    await rmdir(this.folder).catch(() => undefined);
    return true;
  }

  async #removeImages(isUnwanted: (name: string) => boolean): Promise<void> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const unwanted = names.filter(
      (name) => temporaryName.test(name) || (imageNamePattern.test(name) && isUnwanted(name)),
    );
    await Promise.all(unwanted.map((name) => unlink(join(this.folder, name)).catch(() => undefined)));
  }

  manifestEntries(): ManifestEntry[] {
    return this.images.map(({ index, ptsSeconds, durationSeconds, status, file, width, height }) => {
      const path = `${this.key}/${file}`;
      return {
        source: this.#wanted.source,
        key: this.key,
        index,
        ptsSeconds,
        durationSeconds,
        status,
        path,
        width,
        height,
      };
    });
  }
}
