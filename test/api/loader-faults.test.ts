import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ClipLoader, type ClipLoaderOptions } from "../../src/loader/index.js";
import { intra, plain, slow } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { temporaryFolder } from "./support/files.js";
import { ItemStream, type Sampler, copies, keys, longer, seen } from "./support/loader.js";
import { rejectsWith, testPool } from "./support/pool.js";

const pool = testPool();
const folder = temporaryFolder();
const good = copies(plain.path(), 12, folder);
const notMedia = join(folder, "text.mp4");
writeFileSync(notMedia, "this is no video\n".repeat(20));
const sampler: Sampler = { type: "randomIndices", numClips: 2, numFramesPerClip: 3, seed: 4 };
/** Items 3, 6 and 7 are bad, each in another way: missing, of another size, no media. */
const items = [
  ...good.slice(0, 3),
  join(folder, "missing.mp4"),
  ...good.slice(3, 5),
  intra.path(),
  notMedia,
  ...good.slice(5),
];
const badItems = [3, 6, 7];
const goodItems = items.map((_, i) => i).filter((i) => !badItems.includes(i));

suite("a bad item", () => {
  test("throws its own error when its batch's turn comes, with those before delivered", async () => {
    const loader = new ClipLoader({ pool, items, sampler, batchSize: 2 });
    const before: unknown[] = [];
    const iterate = async (): Promise<void> => {
      for await (const batch of loader) {
        before.push(...batch.keys);
        batch.release();
      }
    };
    await assert.rejects(iterate(), { code: "E_NOT_FOUND", source: items[3] });
    assert.deepEqual(before, [0, 0, 1, 1, 2, 2]);
    assert.equal(loader.state().item, 3);
  });

  for (const kind of ["array", "stream"] as const) {
    for (const numClips of [1, 2, 3]) {
      test(`is left out and counted with skip (${kind}, ${String(numClips)} clips)`, async () => {
        const from = kind === "array" ? items : new ItemStream(items);
        const loader = new ClipLoader({
          pool,
          items: from,
          sampler: { ...sampler, numClips },
          batchSize: 4,
          onError: "skip",
        });
        assert.deepEqual(
          keys(await seen(loader)),
          goodItems.flatMap((i) => Array.from({ length: numClips }, () => i)),
        );
        const { skipped, failures } = loader.stats;
        assert.equal(skipped, 3);
        assert.deepEqual(failures.map(({ key, error }) => [key, (error as { code: string }).code]).sort(), [
          [3, "E_NOT_FOUND"],
          [6, "E_FRAME_SIZE"],
          [7, "E_UNSUPPORTED_FORMAT"],
        ]);
      });
    }
  }

  test("leaves no hole in its batch: the clips behind it are still their own", async () => {
    const video = await pool.openVideo(plain.path());
    for await (const batch of new ClipLoader({ pool, items, sampler, batchSize: 16, onError: "skip" })) {
      assert.deepEqual(batch.data, (await video.getFramesAt(batch.indices)).data);
      assert.equal(batch.shape[0], batch.keys.length);
    }
  });

  test("is replaced by another one with replace, the same every time", async () => {
    const load = async (batchSize: number): Promise<unknown[]> => {
      const loader = new ClipLoader({ pool, items, sampler, batchSize, onError: "replace" });
      const clips = await seen(loader);
      assert.equal(clips.length, 2 * items.length);
      assert.equal(loader.stats.replaced, 3);
      return clips;
    };
    const clips = (await load(5)) as { key: number }[];
    assert.deepEqual(await load(3), clips);
    clips.forEach(({ key }, i) => {
      const item = Math.floor(i / 2);
      if (badItems.includes(item)) assert.ok(goodItems.includes(key));
      else assert.equal(key, item);
    });
  });

  test("of a stream is replaced by one before it; where all are bad, the error is thrown", async () => {
    const loader = new ClipLoader({ pool, items: new ItemStream(items), sampler, batchSize: 4, onError: "replace" });
    assert.equal((await seen(loader)).length, 2 * items.length);
    const none = new ClipLoader({ pool, items: [notMedia, notMedia], sampler, onError: "replace" });
    await assert.rejects(seen(none), { code: "E_UNSUPPORTED_FORMAT" });
  });

  test("may be one frame that cannot be decoded, or no item at all", async () => {
    const dead = withDeadPackets(intra.path(), [5]);
    const whole: Sampler = { type: "regularIndices", numFramesPerClip: 20 };
    const loader = new ClipLoader({
      pool,
      items: [dead, intra.path(), 7 as unknown as string, ""],
      sampler: whole,
      onError: "skip",
    });
    assert.deepEqual(keys(await seen(loader)), [1]);
    assert.deepEqual(loader.stats.failures.map(({ key, error }) => [key, (error as { code: string }).code]).sort(), [
      [0, "E_DECODE"],
      [2, "E_ARGUMENT"],
      [3, "E_ARGUMENT"],
    ]);
  });

  test("is one that is too short for the sampler", async () => {
    const long: Sampler = { type: "regularIndices", numFramesPerClip: 60, policy: "error" };
    const loader = new ClipLoader({ pool, items: [plain.path(), longer()], sampler: long, onError: "skip" });
    assert.deepEqual(keys(await seen(loader)), [1]);
    assert.equal((loader.stats.failures[0]?.error as { code: string }).code, "E_OUT_OF_RANGE");
  });
});

test("a source of items that fails ends the iteration with its error, after what came before", async () => {
  const reason = new Error("the database went away");
  async function* failing(): AsyncGenerator<string, void, undefined> {
    yield* good.slice(0, 3);
    throw reason;
  }
  const loader = new ClipLoader({ pool, items: failing(), sampler: { ...sampler, numClips: 1 } });
  const got: unknown[] = [];
  const iterate = async (): Promise<void> => {
    for await (const batch of loader) got.push(...batch.keys);
  };
  await rejectsWith(iterate(), reason);
  assert.deepEqual(got, [0, 1, 2]);
});

suite("leaving", () => {
  const options = (items: ClipLoaderOptions["items"], more: object = {}): ClipLoaderOptions => ({
    pool,
    items,
    sampler: { ...sampler, numClips: 1 },
    ...more,
  });

  test("the loop closes the source of items, and the pool goes on working", async () => {
    const stream = new ItemStream(good);
    await seen(new ClipLoader(options(stream)), 2);
    while (!stream.left) await turn();
    assert.equal((await seen(new ClipLoader(options(good)))).length, good.length);
  });

  test("by a signal rejects with its reason at once, while a worker is busy", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const last: Sampler = { type: "regularIndices", samplingRangeStart: -1, numFramesPerClip: 1 };
    const loader = new ClipLoader({ pool, items: [slow.path()], sampler: last, signal: controller.signal });
    const iterate = seen(loader);
    await turn();
    controller.abort(reason);
    await rejectsWith(iterate, reason);
    await rejectsWith(seen(new ClipLoader(options(good, { signal: controller.signal }))), reason);
  });

  test("the pool closes under the loader: E_CLOSED", async () => {
    const own = testPool({ workers: 1 });
    const loader = new ClipLoader(options(good, { pool: own }));
    const iterate = async (): Promise<void> => {
      for await (const batch of loader) {
        batch.release();
        await own.close();
      }
    };
    await assert.rejects(iterate(), { code: "E_CLOSED" });
  });

  for (const onError of ["skip", "replace"] as const) {
    test(`the pool closes under the loader: E_CLOSED, and no item is to blame (${onError})`, async () => {
      const own = testPool({ workers: 1 });
      const loader = new ClipLoader(options([...good, ...good], { pool: own, onError }));
      const iterate = async (): Promise<void> => {
        for await (const batch of loader) {
          batch.release();
          await own.close();
        }
      };
      await assert.rejects(iterate(), { code: "E_CLOSED" });
      await assert.rejects(seen(new ClipLoader(options(good, { pool: own, onError }))), { code: "E_CLOSED" });
      const { skipped, replaced, failures } = loader.stats;
      assert.deepEqual({ skipped, replaced, failures }, { skipped: 0, replaced: 0, failures: [] });
    });
  }
});

test("no more is decoded ahead than prefetchBytes says", async () => {
  const clipBytes = 3 * 96 * 64 * 3;
  for (const [batchSize, numClips, batches] of [
    [2, 1, 3],
    [1, 2, 4],
    [3, 2, 2],
  ] as const) {
    const bound = batches * batchSize * clipBytes;
    const stream = new ItemStream([...good, ...good, ...good]);
    const loader = new ClipLoader({
      pool,
      items: stream,
      sampler: { ...sampler, numClips },
      batchSize,
      prefetchBytes: bound,
    });
    let most = 0;
    let taken = 0;
    for await (const batch of loader) {
      // As slow as can be: until nothing more can be decoded ahead, or there is nothing more.
      const last = (): boolean => stream.taken === 36;
      while (loader.stats.prefetchedBytes < bound - (numClips - 1) * clipBytes && !last()) await turn();
      for (let i = 0; i < 20; i++) {
        await turn();
        most = Math.max(most, loader.stats.prefetchedBytes);
      }
      taken += batch.length;
      const ahead = loader.stats.items * numClips - taken;
      assert.ok(ahead * clipBytes <= bound, `${String(ahead)} clips ahead`);
      batch.release();
    }
    assert.equal(taken, 36 * numClips);
    assert.ok(most <= bound && most > bound / 2, `${String(most)} of ${String(bound)}`);
  }
});
