import assert from "node:assert/strict";
import { describe, it, mock } from "node:test";
import { DecoderPool } from "../../src/index.js";
import { LocalPool } from "../../src/local-pool.js";
import { memoryShares, poolSettings } from "../../src/pool/options.js";
import { PoolResources, indexMemory } from "../../src/pool/resources.js";
import { AheadBytes } from "../../src/pool/ahead-bytes.js";

import { plain } from "../api/support/clips.js";

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

describe("what loops decode ahead", () => {
  it("has the room of all together: a loop that finds none has no more than what it waits for", async () => {
    const frameBytes = 96 * 64 * 3;
    const chunk = 4;
    // A quarter of it is for what is decoded ahead: three pieces of a loop.
    const resources = new PoolResources(poolSettings({ workers: 1, memoryBudget: 4 * 3 * chunk * frameBytes }));
    const pool = new DecoderPool(undefined, new LocalPool(resources));
    const video = await pool.openVideo(plain.path());
    const loops = [video.frames(), video.frames()];
    const taken: number[] = [];
    for (const loop of loops) {
      // Into the second piece: the first says which worker goes on, and nothing is decoded ahead of it.
      for (let frame = 0; frame <= chunk; frame++) (await loop.next()).value?.release();
      taken.push(resources.ahead.taken);
    }
    assert.deepEqual(
      taken.map((bytes) => bytes / frameBytes),
      [3 * chunk, 4 * chunk],
    );
    for (const loop of loops) await loop.return();
    await pool.close();
  });

  it("is not the next of batches far apart where there is no room for it", async () => {
    const frameBytes = 96 * 64 * 3;
    const resources = new PoolResources(poolSettings({ workers: 1, memoryBudget: 4 * 2 * frameBytes }));
    const pool = new DecoderPool(undefined, new LocalPool(resources));
    const video = await pool.openVideo(plain.path());
    const loops = [1, 2].map(() => video.batches({ size: 1, step: 24 }));
    const taken: number[] = [];
    for (const loop of loops) {
      (await loop.next()).value?.release();
      taken.push(resources.ahead.taken / frameBytes);
    }
    assert.deepEqual(taken, [2, 3]);
    for (const loop of loops) await loop.return();
    await pool.close();
  });
});

describe("indices that are remembered", () => {
  const one = (name: string): { readonly name: string } => ({ name });

  it("are at most 64, those used last", () => {
    const memory = indexMemory<{ readonly name: string }>();
    for (let i = 0; i < 64; i++) memory.set(String(i), one(String(i)), { size: 8 });
    assert.equal(memory.get("0")?.name, "0");
    memory.set("64", one("64"), { size: 8 });
    assert.deepEqual(
      ["0", "1", "2", "64"].map((name) => memory.get(name)?.name),
      ["0", undefined, "2", "64"],
    );
  });

  it("take at most 32 MiB", () => {
    const memory = indexMemory<{ readonly name: string }>();
    for (const name of ["a", "b", "c"]) memory.set(name, one(name), { size: 2 ** 24 });
    memory.set("huge", one("huge"), { size: 2 ** 25 + 1 });
    assert.deepEqual(
      ["a", "b", "c", "huge"].map((name) => memory.get(name)?.name),
      [undefined, "b", "c", undefined],
    );
    assert.equal(memory.calculatedSize, 2 ** 25);
  });
});
