import type { ClipPiece } from "../protocol/item-clips.js";
import { randomInteger, seededRandom } from "../protocol/random.js";
import type { ClipHost } from "../pool/clip-host.js";
import type { ClipKind, DecodedClips } from "./clip-kind.js";
import { type Turn, keyOf, readItem } from "./items.js";
import type { LoaderSettings } from "./options.js";
import { LoaderSources } from "./sources.js";
import type { LoaderCounts } from "./stats.js";

/** Items that are tried in the place of one that failed. */
const mostReplacements = 8;
/** Of what is no array: the items before a failed one among which its replacement is drawn. */
const mostBefore = 32;

interface ItemRequest {
  readonly turn: Turn;
  /** Clips of the item, from the first, that are not wanted. */
  readonly skip: number;
  readonly pieces: readonly ClipPiece[] | undefined;
}

export interface DecodedItem<Clips> {
  /** Of the item that it is, which may have replaced another. */
  readonly key: unknown;
  readonly clips: Clips;
}

/** Decodes items on the pool's workers, each in one task: opened, sampled, decoded to where its batch wants it. */
export class ItemDecoder<Clips extends DecodedClips> {
  readonly #settings: LoaderSettings;
  readonly #kind: ClipKind<Clips, unknown>;
  readonly #counts: LoaderCounts;
  readonly #signal: AbortSignal;
  readonly #sources: LoaderSources;
  readonly #maxOutputBytes: number;
  readonly #before: Turn[] = [];
  readonly #writing = new Set<Promise<void>>();

  constructor(
    host: ClipHost,
    settings: LoaderSettings,
    kind: ClipKind<Clips, unknown>,
    counts: LoaderCounts,
    signal: AbortSignal,
  ) {
    this.#settings = settings;
    this.#kind = kind;
    this.#counts = counts;
    this.#signal = signal;
    this.#maxOutputBytes = host.limits.maxOutputBytes;
    this.#sources = new LoaderSources(host, settings, kind.openKey, signal);
  }

  /** The item's clips, or by policy those of another one. Rejects with the item's own error. */
  async decode(request: ItemRequest): Promise<DecodedItem<Clips>> {
    const { seed, order, onError } = this.#settings;
    const { turn } = request;
    const seeds = [seed, order.shuffle?.epoch ?? 0, turn.position];
    const before = onError === "replace" ? this.#takeBefore(turn) : [];
    try {
      return await this.#attempt(request, turn, seeds);
    } catch (error) {
      this.#signal.throwIfAborted();
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

  async #attempt(request: ItemRequest, turn: Turn, seeds: readonly number[]): Promise<DecodedItem<Clips>> {
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

  async #run({ skip, pieces }: ItemRequest, turn: Turn, seeds: readonly number[]): Promise<Clips> {
    const { source, done } = await this.#sources.ready(readItem(turn));
    const { result, settled } = this.#kind.decode({
      source,
      work: { seeds, skip, pieces, maxOutputBytes: this.#maxOutputBytes },
      position: turn.position,
      signal: this.#signal,
    });
    this.#writing.add(settled);
    void settled.then(() => {
      this.#writing.delete(settled);
      done();
    });
    return await result;
  }

  /** Drawn from the seeds: the same one whatever the timing. Any item of an array; else one shortly before. */
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
