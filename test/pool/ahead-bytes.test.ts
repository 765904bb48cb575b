import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { memoryShares, poolSettings } from "../../src/pool/options.js";
import { AheadBytes } from "../../src/pool/ahead-bytes.js";
import { IndexMemory } from "../../src/pool/index-memory.js";

describe("bytes decoded ahead", () => {
  it("are counted from their beginning to their end, once", () => {
    const ahead = new AheadBytes(100);
    const [a, b] = [ahead.count(60), ahead.count(30)];
    assert.equal(ahead.free, 10);
    a.resize(20);
    assert.equal(ahead.free, 50);
    a.end();
    a.end();
    a.resize(90);
    assert.equal(ahead.free, 70);
    b.end();
    assert.equal(ahead.free, 100);
  });

  it("are counted also where there is no room for them", () => {
    const ahead = new AheadBytes(100);
    const large = ahead.count(250);
    assert.equal(ahead.free, 0);
    large.resize(90);
    assert.equal(ahead.free, 10);
  });
});

describe("a pool's memory", () => {
  it("is divided without more being used than there is", () => {
    for (const budget of [0, 1, 7, 2 ** 20, 2 ** 31 + 3]) {
      const { decoders, ahead, free } = memoryShares(budget);
      assert.ok(decoders + ahead + free <= budget && decoders + ahead + free > budget - 4, String(budget));
    }
  });

  it("follows what the process may use, by default", () => {
    const constrained = mock.method(process, "constrainedMemory", () => 2 ** 29);
    try {
      assert.ok(poolSettings({}).memoryBudget <= 2 ** 26);
      assert.equal(poolSettings({}).limits.maxPixels, 2 ** 25);
      const most = poolSettings({}).memoryBudget;
      // What Node says where nothing bounds it: nothing, or more than any machine has.
      for (const none of [0, 2 ** 63]) {
        constrained.mock.mockImplementation(() => none);
        const { memoryBudget, limits } = poolSettings({});
        assert.ok(memoryBudget >= most && memoryBudget <= 1.25 * 2 ** 30, String(memoryBudget));
        assert.ok(limits.maxPixels <= 0x3fff ** 2);
      }
    } finally {
      constrained.mock.restore();
    }
  });
});

describe("indices that are remembered", () => {
  const index = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

  it("are at most 64, those used last", () => {
    const memory = new IndexMemory<number>();
    for (let i = 0; i < 64; i++) memory.set(String(i), i, index(8));
    assert.equal(memory.get("0"), 0);
    memory.set("64", 64, index(8));
    assert.equal(memory.get("1"), undefined);
    assert.deepEqual([memory.get("0"), memory.get("2"), memory.get("64")], [0, 2, 64]);
  });

  it("take at most 32 MiB", () => {
    const memory = new IndexMemory<number>();
    for (let i = 0; i < 3; i++) memory.set(String(i), i, index(2 ** 24));
    assert.deepEqual([memory.get("0"), memory.get("1"), memory.get("2")], [undefined, 1, 2]);
    memory.set("huge", 3, index(2 ** 25 + 1));
    assert.deepEqual([memory.get("1"), memory.get("huge")], [undefined, undefined]);
  });
});
