import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type Frame, type FrameBatch, type VideoDecoder, transforms } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { bytesOf, digest, digests } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range } from "./support/sequences.js";

const pool = testPool({ workers: 2 });
const open = (): Promise<VideoDecoder> => pool.openVideo(plain.path());

/** A view that sees the memory even after it was released, and does not keep it from being found forgotten. */
function spyOn(pixels: Frame | FrameBatch): Uint8Array {
  const { buffer, byteOffset, byteLength } = pixels.data;
  return new Uint8Array(structuredClone(buffer), byteOffset, byteLength);
}

/** Two views are over the same memory: what one writes the other reads. */
function isSameMemory(a: Uint8Array, b: Uint8Array): boolean {
  const before = a[0]!;
  a[0] = before ^ 0xff;
  const same = b[0] === a[0];
  a[0] = before;
  return same && b[0] === before;
}

describe("released memory", () => {
  it("is used again for the next batch of about the size", async () => {
    const video = await open();
    const first = await video.getFramesInRange(0, 10);
    const old = spyOn(first);
    first.release();
    const second = await video.getFramesInRange(10, 20);
    assert.ok(isSameMemory(old, bytesOf(second)));
    const third = await video.getFramesInRange(10, 20);
    assert.ok(!isSameMemory(bytesOf(second), bytesOf(third)), "what is held is nobody else's");
    assert.deepEqual(digests(second), digests(third));
  });

  it("of a single frame too", async () => {
    const video = await open();
    const frame = await video.getFrameAt(3);
    const old = spyOn(frame);
    frame.release();
    assert.ok(isSameMemory(old, bytesOf(await video.getFrameAt(4))));
  });

  it("of extracted batches, where some files take more to decode than others", async () => {
    const own = testPool({ workers: 2 });
    const large = clip("large-plain.mp4", ["-i", plain.path(), "-vf", "scale=640:480", "-c:v", "mpeg4"]);
    // Of a batch a buffer has not a byte more: 2^17.
    const request = { pixelFormat: "rgba", transforms: [transforms.resize([64, 64])] } as const;
    const requests = Array.from({ length: 200 }, (_, i) => ({ source: i % 2 === 0 ? plain.path() : large, count: 8 }));
    let bytes = 0;
    for await (const { batch } of own.extract(requests, request)) {
      assert.ok(batch);
      bytes = batch.data.length;
      batch.release();
    }
    assert.equal(bytes, 2 ** 17);
    assert.ok(own.stats.bytes.free <= 16 * bytes, `${String(own.stats.bytes.free / bytes)} batches are kept`);
  });

  it("of frames of a loop, once all that share a piece are released", async () => {
    const video = await open();
    const expected = digests(await video.getAllFrames());
    const frames: Frame[] = [];
    for await (const frame of video) frames.push(frame);
    const [kept, ...others] = [frames[20]!, ...frames.filter(({ index }) => index !== 20)];
    for (const frame of others) frame.release();
    const more: FrameBatch[] = [];
    for (let i = 0; i < 20; i++) more.push(await video.getFramesInRange(0, plain.frames, { step: 7 }));
    assert.equal(digest(kept), expected[20], "held: untouched");
    for (const batch of more) assert.ok(!isSameMemory(bytesOf(kept), bytesOf(batch)));
  });

  it("is the next to be used without any budget too", async () => {
    const frugal = testPool({ workers: 1, memoryBudget: 0 });
    const video = await frugal.openVideo(plain.path());
    const first = await video.getFramesInRange(0, 10);
    const old = spyOn(first);
    first.release();
    assert.ok(isSameMemory(old, bytesOf(await video.getFramesInRange(0, 10))));
  });

  it("was released once, however often release() is called", async () => {
    const video = await open();
    const first = await video.getFramesInRange(0, 30);
    first.release();
    first.release();
    first[Symbol.dispose]();
    const [a, b] = [await video.getFramesInRange(0, 30), await video.getFramesInRange(0, 30)];
    assert.ok(!isSameMemory(bytesOf(a), bytesOf(b)));
  });

  it("of a batch that fails is never handed out while a worker writes into it", async () => {
    const video = await open();
    const controller = new AbortController();
    const expected = digests(await video.getAllFrames());
    for (let round = 0; round < 20; round++) {
      const aborted = video.getAllFrames({ signal: controller.signal });
      aborted.catch(() => undefined);
      if (round === 10) controller.abort();
      const batch = await video.getAllFrames();
      assert.deepEqual(digests(batch), expected);
      batch.release();
    }
  });
});

describe("what was released", () => {
  const closed = { name: "FramepoolError", code: "E_CLOSED", message: /released/ };

  it("a batch: its data throws, its frames' data too, what it says stays", async () => {
    const batch = await (await open()).getFramesAt([4, 9]);
    const frames = [...batch];
    batch.release();
    assert.throws(() => batch.data, closed);
    assert.throws(() => batch.frame(0), closed);
    assert.throws(() => [...batch], closed);
    for (const frame of frames) assert.throws(() => frame.data, closed);
    assert.deepEqual([...batch.indices], [4, 9]);
    assert.deepEqual([batch.length, batch.shape.length, batch.status.join()], [2, 4, "ok,ok"]);
    assert.deepEqual(
      frames.map(({ index }) => index),
      [4, 9],
    );
  });

  it("a frame of a batch: itself and nothing else", async () => {
    const batch = await (await open()).getFramesAt([4, 9]);
    const [a, b] = [...batch];
    const again = batch.frame(0);
    a!.release();
    assert.throws(() => a!.data, closed);
    assert.equal(digest(again), digest(batch.frame(0)));
    assert.equal(b!.data.length, batch.data.length / 2);
  });

  it("a frame of its own, with release() or Symbol.dispose", async () => {
    const video = await open();
    const [a, b] = [await video.getFrameAt(4), await video.getFrameAt(5)];
    a.release();
    b[Symbol.dispose]();
    for (const frame of [a, b]) {
      assert.throws(() => frame.data, closed);
      frame.release();
    }
    assert.equal(a.index, 4);
  });

  it("frames of a batch are views into it", async () => {
    const batch = await (await open()).getFramesAt([4, 9]);
    const bytes = batch.data.length / 2;
    for (const [row, frame] of [...batch].entries()) {
      assert.deepEqual(frame.data, batch.data.subarray(row * bytes, (row + 1) * bytes));
      assert.ok(isSameMemory(bytesOf(frame), bytesOf(batch).subarray(row * bytes)));
    }
    assert.equal(batch.frame(-1).index, 9);
    assert.equal(batch.data, batch.data, "one view, however often it is asked for");
  });
});

describe("batches that nobody holds any more", () => {
  it("are never written again: what was posted elsewhere stays what it was", async () => {
    const video = await open();
    const posted: Uint8Array[] = [];
    const collected = new Set<number>();
    const registry = new FinalizationRegistry<number>((round) => collected.add(round));
    for (const round of range(0, 6)) {
      const frame = await video.getFrameAt(round);
      posted.push(structuredClone(bytesOf(frame)));
      registry.register(frame.data.buffer, round);
    }
    for (let tries = 0; tries < 50 && collected.size < 5; tries++) {
      globalThis.gc?.();
      await turn();
    }
    assert.ok(collected.size >= 5, `${String(collected.size)} of 6`);
    const before = posted.map((data) => digest({ data }));
    for (const index of range(6, 30)) await video.getFrameAt(index);
    assert.deepEqual(
      posted.map((data) => digest({ data })),
      before,
    );
  });

  it("are collected: memory does not grow", async () => {
    const video = await open();
    const collected = new Set<number>();
    const registry = new FinalizationRegistry<number>((round) => collected.add(round));
    for (const round of range(0, 8)) registry.register(await video.getAllFrames(), round);
    for (let tries = 0; tries < 50 && collected.size < 7; tries++) {
      globalThis.gc?.();
      await turn();
    }
    assert.ok(collected.size >= 7, `${collected.size} of 8`);
  });
});
