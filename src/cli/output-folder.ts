import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isLeftBehind } from "../running-process.js";
import { cannotWrite, OutputError, temporaryName } from "./files.js";
import type { Input } from "./inputs.js";
import { Manifest } from "./manifest.js";
import { lock } from "./output-lock.js";
import { readRecord } from "./source-record.js";
import { Mover } from "./mover.js";
import type { SourceOutput } from "./source-output.js";

const manifestName = "manifest.jsonl";
const lockName = ".framepool.lock";
const maxNameBytes = 200;

/** The folder given by --out: a folder per source, and the manifest. One process writes to it at a time. */
export class OutputFolder {
  readonly path: string;
  readonly manifest: Manifest;
  readonly mover = new Mover();
  readonly #discarded = new Set<SourceOutput>();
  readonly #unlock: () => void;
  /** Folded name -> the entry's own name. */
  readonly #entries: Map<string, string>;
  /** Folded name -> source, for folders that this process gave away and perhaps did not make yet. */
  readonly #claims = new Map<string, string>();

  private constructor(path: string, manifest: Manifest, entries: readonly string[], unlock: () => void) {
    this.path = path;
    this.manifest = manifest;
    this.#entries = new Map(entries.map((name) => [fold(name), name]));
    this.#unlock = unlock;
  }

  static async open(path: string): Promise<OutputFolder> {
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw cannotWrite(path, error);
    }
    const unlock = lock(join(path, lockName));
    try {
      const manifest = await Manifest.open(join(path, manifestName));
      const entries = await readdir(path);
      for (const name of entries) {
        const owner = temporaryName.exec(name)?.groups?.["owner"] ?? "";
        if (isLeftBehind(owner)) rmSync(join(path, name), { recursive: true, force: true });
      }
      return new OutputFolder(path, manifest, [...entries, manifestName], unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get manifestPath(): string {
    return join(this.path, manifestName);
  }

  /**
   * The name of the source's folder: the one it had before, else the file's own name where that is free, else the name
   * with a digest of the source. Free means that no other source has it, now or from an earlier run, also where the
   * file system tells upper from lower case: the output may be copied to one that does not.
   */
  claim(input: Input): string {
    const stem = safeName(input.stem);
    const names = [stem, `${stem}-${createHash("sha256").update(input.id).digest("hex").slice(0, 8)}`];
    for (const name of names) if (this.#ownerOf(name) === input.id) return this.#entries.get(fold(name)) ?? name;
    const name = names.find((candidate) => !this.#isTaken(candidate));
    if (name === undefined)
      throw new OutputError(`${join(this.path, names[1] ?? stem)}: belongs to something else: choose another --out`);
    this.#claims.set(fold(name), input.id);
    return name;
  }

  /** Takes back what was made of a source. */
  discard(output: SourceOutput): void {
    this.#discarded.add(output);
    output.discard();
  }

  /** Once the pool is closed. */
  async close(): Promise<void> {
    try {
      // A worker that was told to stop may have written one more image.
      for (const output of this.#discarded) output.discard();
      await this.mover.close();
      await this.manifest.close();
    } finally {
      this.#unlock();
    }
  }

  #isTaken(name: string): boolean {
    return this.#entries.has(fold(name)) || this.#claims.has(fold(name));
  }

  #ownerOf(name: string): string | undefined {
    const entry = this.#entries.get(fold(name));
    return entry === undefined ? this.#claims.get(fold(name)) : readRecord(join(this.path, entry))?.source;
  }
}

/** Names that some file system takes for the same one fold to the same text. */
function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** What Windows takes for a device, whatever follows behind a dot. */
const deviceName = /^(?:con|prn|aux|nul|com[\d\u00b9\u00b2\u00b3]|lpt[\d\u00b9\u00b2\u00b3]|conin\$|conout\$)(?=\.|$)/i;

/** The stem as a folder name that is valid everywhere, visible, and never the output folder itself or its parent. */
function safeName(stem: string): string {
  const printable = stem.replace(/\p{Cc}/gu, "_").replace(/[<>:"/\\|?*]/g, "_");
  const visible = printable.replace(/^\.+|[. ]+$/g, (dots) => "_".repeat(dots.length));
  const characters = [...(visible === "" ? "video" : visible.replace(deviceName, "$&_"))];
  while (Buffer.byteLength(characters.join("")) > maxNameBytes) characters.pop();
  return characters.join("");
}
