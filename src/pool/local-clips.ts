import { FramepoolError } from "../errors.js";
import type { KnownLimits } from "./options.js";
import type { OutputMemory } from "./output-memory.js";
import type { RunOptions, Underway } from "../threads/task.js";
import type { AudioClipsResult } from "../protocol/audio.js";
import type { ClipsResult } from "../protocol/video.js";
import type { ItemClips, Learnt } from "../protocol/item-clips.js";
import type { SourceRef } from "../protocol/job-base.js";
import type { KnownSource } from "../sources/media-source.js";
import type { ClipHost, ClipSource, ClipSourceOptions, FrameClipsWork, SoundClipsWork } from "./clip-host.js";
import { type OpenSource, withSource } from "../feed/open-source.js";
import type { OpeningHead } from "../feed/opening-range.js";
import type { IndexMemory, PoolResources } from "./resources.js";

/** Clips of a pool of this thread's own. */
export class LocalClips implements ClipHost {
  readonly workers: number;
  readonly limits: KnownLimits;
  readonly memory: OutputMemory;
  readonly closing: AbortSignal;
  readonly #resources: PoolResources;

  constructor(resources: PoolResources) {
    this.workers = resources.workers.threads;
    this.limits = resources.settings.limits;
    this.memory = resources.memory;
    this.closing = resources.closing.signal;
    this.#resources = resources;
  }

  /**
   * Which version of a file it is, the worker tells, but where indices are kept, which it is needed for first: to ask here takes
   * longer than all else that an item takes here.
   */
  async open(
    source: KnownSource,
    { readTimeoutMs, keptAs }: ClipSourceOptions,
    signal: AbortSignal,
  ): Promise<LocalClipSource> {
    const options = { identify: this.#resources.identifies, readTimeoutMs };
    const opened = await withSource(this.#resources.feed, source, options, signal, async (ready) => ready);
    if (keptAs === undefined) return new LocalClipSource(this.#resources, opened, undefined);
    const kept = new KeptReader(opened, `${opened.key}\0${keptAs}`, this.#resources.learnt);
    this.#resources.retain(kept.key);
    return new LocalClipSource(this.#resources, opened, kept);
  }
}

class LocalClipSource implements ClipSource {
  readonly #resources: PoolResources;
  readonly #source: OpenSource;
  readonly #kept: KeptReader | undefined;

  constructor(resources: PoolResources, source: OpenSource, kept: KeptReader | undefined) {
    this.#resources = resources;
    this.#source = source;
    this.#kept = kept;
  }

  get isRemote(): boolean {
    return this.#source.link !== undefined;
  }

  decodeFrames(work: FrameClipsWork, signal: AbortSignal): Underway<ClipsResult> {
    const index = this.#resources.keptIndex(this.#source, work.open);
    const begin = async (): Promise<Underway<ClipsResult>> => {
      // Where another item has learnt it, the folder is not looked into.
      const isKnown = this.#kept?.known !== undefined;
      const bytes = isKnown ? undefined : await index?.get();
      const place = await this.#place(signal, isKnown || bytes !== undefined ? "container" : "picture");
      const known = this.#kept?.known;
      const saved = bytes === undefined ? undefined : { bytes, strict: false };
      const job = { ...work, ...place, known, saved, keep: index !== undefined };
      return this.#resources.workers.run(job, this.#runOptions(signal));
    };
    return this.#learning(begin(), async ({ made }) => index?.put(made));
  }

  decodeSound(work: SoundClipsWork, signal: AbortSignal): Underway<AudioClipsResult> {
    const begin = async (): Promise<Underway<AudioClipsResult>> => {
      const place = await this.#place(signal, "picture");
      return this.#resources.workers.run({ ...work, ...place }, this.#runOptions(signal));
    };
    return this.#learning(begin(), async () => undefined);
  }

  async release(): Promise<void> {
    if (this.#kept !== undefined) await this.#resources.release(this.#kept.key);
    await this.#source.release();
  }

  /** A task whose result has something to be remembered. */
  #learning<T extends { readonly learnt: Learnt | undefined }>(
    begun: Promise<Underway<T>>,
    keep: (clips: T) => Promise<void>,
  ): Underway<T> {
    const learn = async ({ result }: Underway<T>): Promise<T> => {
      const clips = await result;
      if (clips.learnt !== undefined) this.#kept?.learn(clips.learnt);
      await keep(clips);
      return clips;
    };
    return {
      result: begun.then(learn),
      settled: begun.then(
        ({ settled }) => settled,
        () => undefined,
      ),
    };
  }

  #runOptions(signal: AbortSignal): RunOptions {
    const { label, link } = this.#source;
    return { label, signal, channel: link?.channel };
  }

  /** What a task begins with. */
  async #place(signal: AbortSignal, head: OpeningHead): Promise<Pick<ItemClips, "readerKey" | "source" | "fetched">> {
    const { ref, link } = this.#source;
    const fetch = link?.fetchWhole ?? link?.fetchOpening;
    const fetched = (await fetch?.(signal, head)) ?? [];
    return { readerKey: this.#kept?.key, source: this.#kept?.ref ?? ref, fetched };
  }
}

let nextKept = 1;

/** Readers of a source that comes again, and what the items so far have found out of it. */
class KeptReader {
  readonly key: string;
  readonly #source: OpenSource;
  readonly #learnt: IndexMemory<Learnt>;
  readonly #name: string;
  #identity: string | undefined;

  /** `name`: of the source, and how it is opened; what is learnt by it stays when this reader is gone. */
  constructor(source: OpenSource, name: string, learnt: IndexMemory<Learnt>) {
    // What is kept anew may be another version of the file by then.
    this.key = `${name}\0${String(nextKept++)}`;
    this.#source = source;
    this.#name = name;
    this.#learnt = learnt;
  }

  /** Where workers get the bytes: of the version that the first item was read from. */
  get ref(): SourceRef {
    const { ref } = this.#source;
    return ref.kind === "file" ? { ...ref, identity: this.#identity ?? ref.identity } : ref;
  }

  get known(): Learnt | undefined {
    return this.#learnt.get(this.#name);
  }

  /** Throws E_SOURCE_CHANGED for an item of another version, which was read at the same time as the first one. */
  learn(learnt: Learnt): void {
    const { identity, index } = learnt;
    if (identity !== null && identity !== (this.#identity ??= identity)) {
      const source = this.#source.label;
      throw new FramepoolError("E_SOURCE_CHANGED", "the file was replaced while it was read", { source });
    }
    if (index !== undefined) this.#learnt.set(this.#name, learnt, { size: index.byteLength });
  }
}
