import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualReader, data, opened, settle } from "./manual-reader.js";
import { assertBytes, patient } from "../support.js";

describe("announced ranges", () => {
  it("are fetched as they are, and lie in shared memory", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    const ranges = [
      { position: 10_000, length: 3000 },
      { position: 90_001, length: 17 },
    ];
    const pieces = await cache.share(ranges, patient());
    assert.deepEqual(
      pieces.map(({ position, bytes }) => ({ position, length: bytes.length })),
      ranges,
    );
    for (const { position, bytes } of pieces) {
      assert.ok(bytes.buffer instanceof SharedArrayBuffer);
      assertBytes(bytes, data.subarray(position, position + bytes.length));
    }
    assert.deepEqual(reader.ranges, [
      [10_000, 13_000],
      [90_001, 90_018],
    ]);
  });

  it("are one request where little lies between them, unless that is here", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    await cache.share([{ position: 30_100, length: 10 }], patient());
    const near = [
      { position: 10_000, length: 100 },
      { position: 10_500, length: 100 },
      { position: 12_000, length: 100 },
      { position: 30_000, length: 100 },
      { position: 30_110, length: 100 },
    ];
    const pieces = await cache.share(near, patient());
    assert.equal(pieces.length, 5);
    assert.deepEqual(reader.ranges.slice(1), [
      [10_000, 10_600],
      [12_000, 12_100],
      [30_000, 30_100],
      [30_110, 30_210],
    ]);
  });

  it("are cut when they are long, and only what is missing of them is fetched", async () => {
    const reader = new ManualReader(data);
    const cache = await opened(reader);
    await cache.share([{ position: 100_000, length: 10_000 }], patient());
    const pieces = await cache.share([{ position: 0, length: 200_000 }], patient());
    assertBytes(Buffer.concat(pieces.map(({ bytes }) => bytes)), data.subarray(0, 200_000));
    assert.equal(
      reader.asked.reduce((sum, { length }) => sum + length, 0),
      200_000,
    );
    assert.ok(reader.asked.every(({ length }) => length <= 8 * 4096));
    assert.deepEqual(
      reader.ranges.slice(1, 5).map(([start]) => start),
      [0, 25_000, 50_000, 75_000],
    );
  });

  it("beyond the end are as much as there is", async () => {
    const cache = await opened(new ManualReader(data));
    const pieces = await cache.share(
      [
        { position: data.length - 5, length: 100 },
        { position: data.length + 7, length: 3 },
      ],
      patient(),
    );
    assert.deepEqual(
      pieces.map(({ position, bytes }) => [position, bytes.length]),
      [[data.length - 5, 5]],
    );
  });

  it("that fail end the wait for the others", async () => {
    const reader = new ManualReader(data, { atOnce: false });
    const cache = await opened(reader);
    const shared = cache.share(
      [
        { position: 0, length: 100 },
        { position: 50_000, length: 100 },
      ],
      patient(),
    );
    await settle();
    reader.asked[0]?.fail(new Error("boom"));
    await assert.rejects(shared, { message: "boom" });
    await settle();
    assert.equal(reader.asked[1]?.signal.aborted, true);
  });
});
