import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BlockCache } from "../../../src/sources/cache/block-cache.js";
import { ManualReader, data, opened, settings, settle } from "./manual-reader.js";
import { assertBytes, patient, readAll, rejectsWith } from "../support.js";

describe("reads that nobody announced", () => {
  it("fetch a quarter of a block after a jump, and answer what was asked", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    assertBytes(await readAll(cache, 50_000, 100), data.subarray(50_000, 50_100));
    assertBytes(await readAll(cache, 300_000, 5000), data.subarray(300_000, 305_000));
    assert.deepEqual(reader.ranges, [
      [50_000, 51_024],
      [300_000, 305_000],
    ]);
  });

  it("fetch as much ahead as was read in a row, at most eight blocks", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    for (let at = 100_000; at < 400_000; at += 1000) {
      assertBytes(await readAll(cache, at, 1000), data.subarray(at, at + 1000));
    }
    const lengths = reader.ranges.map(([start, end]) => end - start);
    assert.equal(Math.max(...lengths), 8 * 4096);
    assert.ok(lengths.length < 25, `${lengths.length} requests`);
    const [last] = reader.ranges.slice(-1);
    assert.ok(last !== undefined && last[1] - 400_000 <= 12 * 4096, "no further ahead than that");
    reader.ranges.reduce((end, [start, next]) => (assert.equal(start, end), next), 100_000);
  });

  it("stop fetching ahead at a jump", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    for (let at = 0; at < 40_000; at += 1000) await readAll(cache, at, 1000);
    const before = reader.ranges.length;
    await readAll(cache, 600_000, 10);
    await readAll(cache, 500_000, 10);
    assert.deepEqual(reader.ranges.slice(before), [
      [600_000, 601_024],
      [500_000, 501_024],
    ]);
  });

  it("tell several readers apart that take turns", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    for (let i = 0; i < 200; i++) for (const start of [0, 300_000, 600_000]) await readAll(cache, start + i * 500, 500);
    assert.ok(reader.ranges.length < 60, `${reader.ranges.length} requests for 600 reads`);
  });

  it("fetch to the end in the last blocks", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    await readAll(cache, data.length - 16_000, 8);
    assertBytes(await readAll(cache, data.length - 9000, 20_000), data.subarray(-9000));
    assert.deepEqual(reader.ranges, [[data.length - 16_000, data.length]]);
    assert.equal(cache.readInto(new Uint8Array(5), data.length, patient()), 0);
  });

  it("are answered in the same turn of the event loop when all is there", async () => {
    const cache = await opened(new ManualReader(data));
    await readAll(cache, 50_000, 1000);
    const target = new Uint8Array(500);
    assert.equal(cache.readInto(target, 50_200, patient()), 500);
    assertBytes(target, data.subarray(50_200, 50_700));
  });

  it("join what lies in several pieces", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    await readAll(cache, 52_000, 10);
    await readAll(cache, 50_000, 10);
    assertBytes(await readAll(cache, 49_000, 6000), data.subarray(49_000, 55_000));
    const total = reader.asked.reduce((sum, { length }) => sum + length, 0);
    const [start, end] = [Math.min(...reader.ranges.map(([a]) => a)), Math.max(...reader.ranges.map(([, b]) => b))];
    assert.equal(total, end - start, "nothing was fetched twice");
  });
});

describe("bytes on their way", () => {
  it("are asked for once, whoever waits for them", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const reads = Array.from({ length: 8 }, () => readAll(cache, 70_000, 900));
    const shared = cache.share([{ position: 70_100, length: 200 }], patient());
    await settle();
    assert.equal(reader.asked.length, 1);
    reader.asked[0]?.arrive();
    for (const bytes of await Promise.all(reads)) assertBytes(bytes, data.subarray(70_000, 70_900));
    assertBytes((await shared)[0]!.bytes, data.subarray(70_100, 70_300));
  });

  it("are handed on before the rest of them is there", async () => {
    const reader = new ManualReader(data, { atOnce: false, coming: 4096 });
    const cache = await opened(reader);
    const early = readAll(cache, 0, 100);
    await settle();
    reader.asked[0]?.arrive(100);
    assertBytes(await early, data.subarray(0, 100));
    assert.deepEqual(reader.ranges, [[0, 4096]]);
  });

  it("fail all who wait, and are asked for again by the next", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const reads = [readAll(cache, 70_000, 900), readAll(cache, 70_000, 900)];
    await settle();
    const boom = new Error("boom");
    reader.asked[0]?.fail(boom);
    for (const result of await Promise.allSettled(reads)) {
      assert.equal(result.status === "rejected" && result.reason, boom);
    }
    const again = readAll(cache, 70_000, 900);
    await settle();
    reader.asked[1]?.arrive();
    assertBytes(await again, data.subarray(70_000, 70_900));
  });

  it("are given up when the last who waits gives up, and not before", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const [first, second] = [new AbortController(), new AbortController()];
    const reads = [readAll(cache, 70_000, 900, first.signal), readAll(cache, 70_000, 900, second.signal)];
    await settle();
    first.abort(new Error("one"));
    await assert.rejects(reads[0]!, { message: "one" });
    assert.equal(reader.asked[0]?.signal.aborted, false);
    second.abort(new Error("two"));
    const third = readAll(cache, 70_000, 900);
    await assert.rejects(reads[1]!, { message: "two" });
    await settle();
    const last = reader.asked.at(-1);
    last?.arrive();
    assertBytes(await third, data.subarray(70_000, 70_900));
  });

  it("are at most six requests at once; who waits goes before what is fetched beforehand", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const ranges = Array.from({ length: 10 }, (_, i) => ({ position: i * 50_000, length: 1000 }));
    const shared = cache.share(ranges, patient());
    const read = readAll(cache, 700_000, 100);
    await settle();
    assert.equal(reader.asked.length, 6);
    reader.asked[0]?.arrive();
    await settle();
    assert.deepEqual(reader.ranges[6], [700_000, 701_024]);
    for (let i = 1; i < 11; i++) {
      reader.asked[i]?.arrive();
      await settle();
    }
    await read;
    assert.equal((await shared).length, 10);
  });

  it("are let go of when their turn never comes", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const kept = cache.share(
      Array.from({ length: 6 }, (_, i) => ({ position: i * 50_000, length: 10 })),
      patient(),
    );
    const leaving = new AbortController();
    const left = cache.share([{ position: 400_000, length: 10 }], leaving.signal);
    const next = cache.share([{ position: 450_000, length: 10 }], patient());
    await settle();
    leaving.abort(new Error("enough"));
    await assert.rejects(left, { message: "enough" });
    for (let i = 0; i < 7; i++) {
      reader.asked[i]?.arrive();
      await settle();
    }
    await Promise.all([kept, next]);
    assert.deepEqual(reader.ranges[6], [450_000, 450_010]);
    assert.equal(reader.asked.length, 7);
  });
});

describe("memory", () => {
  it("holds no more than the budget, what was used last stays", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader, { blockSize: 4096, cacheBytes: 10_240 });
    const read = (block: number) => readAll(cache, block * 40_000, 1000);
    for (let block = 0; block < 10; block++) await read(block);
    await read(0);
    await read(10);
    const before = reader.asked.length;
    for (const block of [0, 2, 3, 9, 10])
      assertBytes(await read(block), data.subarray(block * 40_000, block * 40_000 + 1000));
    assert.equal(reader.asked.length, before);
    await read(1);
    assert.equal(reader.asked.length, before + 1);
  });

  it("that was handed out stays what it was", async () => {
    const cache = await opened(new ManualReader(data), { blockSize: 4096, cacheBytes: 0 });
    const pieces = await cache.share([{ position: 0, length: 300_000 }], patient());
    await readAll(cache, 500_000, 50_000);
    assertBytes(Buffer.concat(pieces.map(({ bytes }) => bytes)), data.subarray(0, 300_000));
  });
});

describe("a cache", () => {
  it("counts reads, seeks and hits", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    for (const [position, length] of [
      [0, 100],
      [100, 100],
      [500_000, 10],
      [500_010, 10],
      [0, 50],
    ] as const) {
      await readAll(cache, position, length);
    }
    const { reads, seeks, hits } = reader.counters.now();
    assert.deepEqual({ reads, seeks, hits }, { reads: 5, seeks: 2, hits: 3 });
  });

  it("opens once for all, and again after a failure", async () => {
    const reader = new ManualReader(data);
    let opened = 0;
    const failing = new Error("not now");
    reader.open = async () => {
      if (opened++ === 0) throw failing;
      return { size: 10, key: "key", coming: 0 };
    };
    const cache = new BlockCache(reader, settings);
    const both = await Promise.allSettled([cache.open(patient()), cache.open(patient())]);
    for (const result of both) assert.equal(result.status === "rejected" && result.reason, failing);
    assert.deepEqual(await Promise.all([cache.open(patient()), cache.open(patient())]), [
      { size: 10, key: "key", coming: 0 },
      { size: 10, key: "key", coming: 0 },
    ]);
    assert.equal(opened, 2);
  });

  it("that is closed fails who waits and who comes", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const read = readAll(cache, 0, 10);
    const shared = cache.share([{ position: 50_000, length: 5 }], patient());
    await settle();
    cache.close();
    await rejectsWith(read, "E_CLOSED");
    await rejectsWith(shared, "E_CLOSED");
    await rejectsWith(readAll(cache, 0, 10), "E_CLOSED");
    await rejectsWith(cache.open(patient()), "E_CLOSED");
  });
});
