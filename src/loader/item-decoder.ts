import { FrameIndex } from "../protocol/frame-index.js";
import type { ClipPiece, ClipsResult } from "../protocol/job.js";
import { randomInteger, seededRandom } from "../protocol/random.js";
import type { Transform } from "../protocol/transform.js";
import type { SharedPiece } from "../sources/byte-source.js";
import { drawTransforms } from "../transforms.js";
import type { OpenSource } from "../video/open-source.js";
import type { PoolResources } from "../video/resources.js";
import { type Turn, keyOf, readItem } from "./items.js";
import type { LoaderSettings } from "./options.js";
import { LoaderSources } from "./sources.js";
import type { LoaderCounts } from "./stats.js";

/** Items that are tried in the place of one that failed. */
const mostReplacements = 8;
/** Of a stream: the items before a failed one among which its replacement is drawn. */
const mostBefore = 32;

/** Tells the draws of crops from those of clips. */
const cropDraws = -1;

export interface ItemRequest {
  readonly turn: Turn;
  /** Clips of the item, from the first, that are not wanted. */
  readonly skip: number;
  readonly frameShape: readonly number[] | undefined;
  readonly pieces: readonly ClipPiece[] | undefined;
}

export interface DecodedItem {
  /** Of the item that it is, which may have replaced another. */
  readonly key: unknown;
  readonly clips: ClipsResult;
}

/** Decodes items on the pool's workers, each in one task: opened, indexed, sampled, decoded to where its batch wants it. */
export class ItemDecoder {
  readonly #resources: PoolResources;
  readonly #settings: LoaderSettings;
  readonly #counts: LoaderCounts;
  readonly #signal: AbortSignal;
  readonly #sources: LoaderSources;
  readonly #before: Turn[] = [];
  readonly #writing = new Set<Promise<void>>();

  constructor(resources: PoolResources, settings: LoaderSettings, counts: LoaderCounts, signal: AbortSignal) {
    this.#resources = resources;
    this.#settings = settings;
    this.#counts = counts;
    this.#signal = signal;
    this.#sources = new LoaderSources(resources, {
      open: settings.open,
      items: settings.items,
      readTimeoutMs: settings.decoder.readTimeoutMs,
      signal,
    });
  }

  /** The item's clips, or by policy those of another one. Rejects with the item's own error. */
  async decode(request: ItemRequest): Promise<DecodedItem> {
    const { seed, order, onError } = this.#settings;
    const { turn } = request;
    const seeds = [seed, order.shuffle?.epoch ?? 0, turn.position];
    const before = onError === "replace" ? this.#takeBefore(turn) : [];
    try {
      return await this.#attempt(request, turn, seeds);
    } catch (error) {
      for (let attempt = 1; onError === "replace" && attempt <= mostReplacements; attempt++) {
        const draws = [...seeds, attempt];
        const chosen = this.#replacement(before, draws);
        if (chosen === undefined) break;
        const decoded = await this.#attempt(request, chosen, draws).catch(() => undefined);
        this.#signal.throwIfAborted();
        if (decoded === undefined) continue;
        this.#counts.replaced++;
        return decoded;
      }
      if (onError === "skip") this.#counts.skipped++;
      throw error;
    }
  }

  /** Closes what was kept open; resolves when no worker writes into anything any more. Abort the signal first. */
  async close(): Promise<void> {
    this.#sources.close();
    await Promise.all(this.#writing);
  }

  async #attempt(request: ItemRequest, turn: Turn, seeds: readonly number[]): Promise<DecodedItem> {
    try {
      const clips = await this.#run(request, turn, seeds);
      this.#counts.items++;
      return { key: keyOf(turn), clips };
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#counts.failed(keyOf(turn), error);
      throw error;
    }
  }

  async #run({ skip, frameShape, pieces }: ItemRequest, turn: Turn, seeds: readonly number[]): Promise<ClipsResult> {
    const { workers, settings } = this.#resources;
    const { decoder, open, sampler } = this.#settings;
    const { source, readerKey, done } = await this.#sources.ready(readItem(turn));
    const { ref, label, link, lasting } = source;
    const fetched = await this.#fetchOpening(source).catch((error: unknown) => {
      done();
      throw error;
    });
    const known = readerKey === undefined ? undefined : this.#resources.known(readerKey);
    const { result, settled } = workers.run(
      {
        kind: "clips",
        readerKey,
        source: ref,
        fetched,
        open,
        sampler,
        seeds,
        skip,
        request: {
          pixelFormat: decoder.pixelFormat,
          dtype: decoder.dtype,
          dimensionOrder: decoder.dimensionOrder,
          transforms: drawTransforms(withSeeds(decoder.transforms, seeds), turn.position),
        },
        frameShape,
        pieces,
        index: known?.index.buffer,
        maxOutputBytes: settings.limits.maxOutputBytes,
        threads: decoder.threads ?? 1,
      },
      { label, signal: this.#signal, channel: link?.channel },
    );
    this.#writing.add(settled);
    void settled.then(() => {
      this.#writing.delete(settled);
      done();
    });
    const clips = await result;
    if (readerKey !== undefined && known === undefined && clips.known !== undefined && lasting) {
      const { info, index } = clips.known;
      this.#resources.remember(readerKey, { info, index: new FrameIndex(index, info.timeBase) });
    }
    return clips;
  }

  async #fetchOpening({ link }: OpenSource): Promise<readonly SharedPiece[]> {
    return (await link?.fetchOpening?.(this.#signal)) ?? [];
  }

  /** Drawn from the seeds: the same one whatever the timing. Any item of an array; of a stream, one shortly before. */
  #replacement(before: readonly Turn[], seeds: readonly number[]): Turn | undefined {
    const { items } = this.#settings;
    const draw = (length: number): number => randomInteger(seededRandom(...seeds), 0, length);
    if (!Array.isArray(items)) return before[draw(before.length)];
    const position = draw(items.length);
    return { order: 0, position, item: items[position] };
  }

  #takeBefore(turn: Turn): readonly Turn[] {
    if (Array.isArray(this.#settings.items)) return [];
    const before = [...this.#before];
    this.#before.push(turn);
    if (this.#before.length > mostBefore) this.#before.shift();
    return before;
  }
}

/** Random crops that have no seed of their own are drawn from the item's, as its clips are: all of its frames have the same. */
function withSeeds(transforms: readonly Transform[], seeds: readonly number[]): readonly Transform[] {
  const random = seededRandom(...seeds, cropDraws);
  return transforms.map((transform) =>
    transform.type === "randomCrop" && transform.seed === undefined
      ? { ...transform, seed: randomInteger(random, 0, 2 ** 32) }
      : transform,
  );
}
