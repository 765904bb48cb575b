import { isAnyIterable } from "../arguments.js";
import { argumentError } from "../errors.js";
import { type Random, randomInteger, seededRandom } from "../protocol/random.js";
import { type MediaSource, checkSource } from "../sources/media-source.js";

/** A source with a name of the user's own, which comes back in the batches. */
export interface LoaderItem<K = unknown> {
  /** Where its bytes are. */
  readonly source: MediaSource;
  /** Default: the item's position in `items`, from 0. */
  readonly key?: K | undefined;
}

/** What a loader reads: sources, or sources with keys, at hand or as they come. */
export type LoaderItems<K> =
  | readonly (MediaSource | LoaderItem<K>)[]
  | Iterable<MediaSource | LoaderItem<K>>
  | AsyncIterable<MediaSource | LoaderItem<K>>;

/** An item whose turn it is. */
export interface Turn {
  /** In this rank's order. */
  readonly order: number;
  /** In `items`. */
  readonly position: number;
  readonly item: unknown;
}

interface Shuffle {
  readonly seed: number;
  readonly epoch: number;
  /** Of what is no array: how many items one is drawn from. */
  readonly window: number;
}

export interface ItemOrder {
  readonly shuffle: Shuffle | undefined;
  readonly rank: number;
  readonly worldSize: number;
}

/** Its source, checked: throws FramepoolTypeError. */
export function readItem({ item }: Turn): MediaSource {
  const source: unknown = isNamed(item) ? item.source : item;
  checkSource(source);
  return source;
}

export function keyOf({ item, position }: Turn): unknown {
  return (isNamed(item) ? item.key : undefined) ?? position;
}

/** What is a source itself has no `source`. */
function isNamed(item: unknown): item is { readonly source: unknown; readonly key?: unknown } {
  return typeof item === "object" && item !== null && "source" in item;
}

export function checkItems(items: unknown): asserts items is LoaderItems<unknown> {
  if (isAnyIterable(items) && !ArrayBuffer.isView(items)) return;
  throw argumentError("options.items", "an array, an iterable or an async iterable", items);
}

/**
 * The turns of one rank, from its `skip`-th on. An array is shuffled as a whole and dealt out to the ranks in turn; of
 * anything else, each rank takes every worldSize-th item and shuffles it within a window.
 */
export function turnsOf(
  items: LoaderItems<unknown>,
  order: ItemOrder,
  skip: number,
): AsyncGenerator<Turn, void, undefined> {
  return Array.isArray(items)
    ? turnsOfList(items as readonly unknown[], order, skip)
    : turnsAsTheyCome(items as AsyncIterable<unknown>, order, skip);
}

async function* turnsOfList(
  items: readonly unknown[],
  { shuffle, rank, worldSize }: ItemOrder,
  skip: number,
): AsyncGenerator<Turn, void, undefined> {
  const positions = Uint32Array.from(items, (_, i) => i);
  if (shuffle !== undefined) permute(positions, seededRandom(shuffle.seed, shuffle.epoch));
  for (let order = skip, i = rank + skip * worldSize; i < positions.length; order++, i += worldSize) {
    const position = positions[i] ?? 0;
    yield { order, position, item: items[position] };
  }
}

async function* turnsAsTheyCome(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  { shuffle, rank, worldSize }: ItemOrder,
  skip: number,
): AsyncGenerator<Turn, void, undefined> {
  const own = shardOf(items, rank, worldSize);
  const drawn = shuffle === undefined ? own : shuffled(own, shuffle.window, seededRandom(shuffle.seed, shuffle.epoch));
  let order = 0;
  for await (const turn of drawn) {
    if (order >= skip) yield { order, ...turn };
    order++;
  }
}

type Numbered = Omit<Turn, "order">;

async function* shardOf(
  items: Iterable<unknown> | AsyncIterable<unknown>,
  rank: number,
  worldSize: number,
): AsyncGenerator<Numbered, void, undefined> {
  let position = 0;
  for await (const item of items) {
    if (position % worldSize === rank) yield { position, item };
    position++;
  }
}

/** Each one drawn evenly from the next `window`. */
async function* shuffled(
  items: AsyncIterable<Numbered>,
  window: number,
  random: Random,
): AsyncGenerator<Numbered, void, undefined> {
  const waiting: Numbered[] = [];
  const draw = (): Numbered[] => {
    const at = randomInteger(random, 0, waiting.length);
    const drawn = waiting.slice(at, at + 1);
    const last = waiting.pop();
    if (last !== undefined && at < waiting.length) waiting[at] = last;
    return drawn;
  };
  for await (const item of items) {
    waiting.push(item);
    if (waiting.length >= window) yield* draw();
  }
  while (waiting.length > 0) yield* draw();
}

/** Fisher and Yates. */
function permute(values: Uint32Array, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = randomInteger(random, 0, i + 1);
    const value = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = value;
  }
}
