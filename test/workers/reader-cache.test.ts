import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CacheBudget, ReaderCache } from "../../workers/reader-cache.js";

interface Entry {
  readonly bytes: number;
  readonly reader: { close(): void };
}

/** Notes which readers were closed, each time. */
function opener(budget: CacheBudget): {
  closed: string[];
  open: (name: string, bytes?: number) => Entry;
  cache: ReaderCache<Entry>;
} {
  const closed: string[] = [];
  const open = (name: string, bytes = 1): Entry => ({ bytes, reader: { close: () => closed.push(name) } });
  return { closed, open, cache: new ReaderCache<Entry>(({ bytes }) => bytes, { bytes: 0 }, budget) };
}

describe("a worker's open readers", () => {
  it("are no more than the budget says: the one used longest ago is closed", () => {
    const { closed, open, cache } = opener({ readers: 2, bytes: 1000 });
    const a = open("a");
    cache.add("a", a);
    cache.add("b", open("b"));
    assert.equal(cache.get("a"), a);
    cache.add("c", open("c"));
    assert.deepEqual(closed, ["b"]);
    assert.equal(cache.get("b"), undefined);
    assert.equal(cache.get("a"), a);
  });

  it("take no more bytes than the budget says: as many as it needs are closed, never the one just opened", () => {
    const { closed, open, cache } = opener({ readers: 100, bytes: 10 });
    cache.add("a", open("a", 4));
    cache.add("b", open("b", 4));
    cache.add("c", open("c", 2));
    assert.deepEqual(closed, []);
    cache.add("d", open("d", 5));
    assert.deepEqual(closed, ["a", "b"]);
    cache.add("large", open("large", 50));
    assert.deepEqual(closed, ["a", "b", "c", "d"]);
    assert.ok(cache.get("large") !== undefined);
  });

  it("are closed where another takes their place, or when they are dropped, once", () => {
    const { closed, open, cache } = opener({ readers: 2, bytes: 1000 });
    cache.add("a", open("first"));
    cache.add("a", open("second"));
    assert.deepEqual(closed, ["first"]);
    cache.drop("a");
    cache.drop("a");
    assert.deepEqual(closed, ["first", "second"]);
    assert.equal(cache.get("a"), undefined);
  });

  it("of two kinds share the bytes", () => {
    const budget = { readers: 9, bytes: 100 };
    const { closed, open } = opener(budget);
    const shared = { bytes: 0 };
    const [pictures, sound] = [0, 1].map(() => new ReaderCache<Entry>(({ bytes }) => bytes, shared, budget));
    pictures?.add("a", open("a", 40));
    pictures?.add("b", open("b", 40));
    sound?.add("sound", open("sound", 30));
    assert.deepEqual(closed, [], "one kind never closes another's");
    pictures?.add("c", open("c", 20));
    assert.deepEqual(closed, ["a"]);
    pictures?.add("huge", open("huge", 500));
    pictures?.drop("huge");
    assert.deepEqual(closed, ["a", "b", "c", "huge"]);
    sound?.add("more", open("more", 70));
    assert.deepEqual(closed, ["a", "b", "c", "huge"], "what was closed takes no bytes");
  });
});
