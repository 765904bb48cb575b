import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ClipLoader, type ClipLoaderOptions } from "../../src/loader/index.js";
import { intra, plain } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { ItemStream, type Sampler, type Seen, copies, keys, longer, seen } from "./support/loader.js";
import { testPool } from "./support/pool.js";

const pool = testPool();
const folder = temporaryFolder();
const files = copies(plain.path(), 20, folder);
const sampler: Sampler = { type: "randomIndices", numFramesPerClip: 4, numIndicesBetweenFrames: 2 };
const shuffle = { seed: 3, epoch: 1 };

suite("batches", () => {
  test("clips are what a decoder gives for their frames", async () => {
    const output = { dtype: "float32", dimensionOrder: "NCHW" } as const;
    const loader = new ClipLoader({
      pool,
      items: files,
      sampler: { ...sampler, numClips: 2 },
      batchSize: 3,
      ...output,
    });
    const video = await pool.openVideo(plain.path(), output);
    let clips = 0;
    for await (const batch of loader) {
      assert.deepEqual(batch.shape, [batch.length, 4, 3, 64, 96]);
      const expected = await video.getFramesAt(batch.indices);
      assert.deepEqual(batch.data, expected.data);
      assert.deepEqual(batch.ptsSeconds, expected.ptsSeconds);
      assert.deepEqual(batch.durationSeconds, expected.durationSeconds);
      assert.equal(batch.keys.length, batch.length);
      clips += batch.length;
      batch.release();
      assert.throws(() => batch.data, { code: "E_CLOSED" });
    }
    assert.equal(clips, 40);
    const { items, batches, skipped, prefetchedBytes } = loader.stats;
    assert.deepEqual(
      { items, batches, skipped, prefetchedBytes },
      { items: 20, batches: 14, skipped: 0, prefetchedBytes: 0 },
    );
  });

  test("every item comes once, in its order; the last batch is as long as it is", async () => {
    const lengths: number[] = [];
    const positions: number[] = [];
    for await (const batch of new ClipLoader({ pool, items: files, sampler, batchSize: 8 })) {
      lengths.push(batch.length);
      positions.push(...batch.keys);
      batch.release();
    }
    assert.deepEqual(lengths, [8, 8, 4]);
    assert.deepEqual(
      positions,
      files.map((_, i) => i),
    );
  });

  test("keys are the user's", async () => {
    const label = { class: "cat" };
    const items = [{ source: plain.path(), key: label }, { source: plain.path(), key: "b" }, { source: plain.path() }];
    assert.deepEqual(keys(await seen(new ClipLoader<unknown>({ pool, items, sampler }))), [label, "b", 2]);
  });

  test("how clips are dealt out to batches changes nothing", async () => {
    for (const numClips of [1, 3, 4]) {
      const clips = async (batchSize: number, prefetchBytes?: number): Promise<unknown> =>
        await seen(
          new ClipLoader({ pool, items: files, sampler: { ...sampler, numClips }, batchSize, prefetchBytes, shuffle }),
        );
      const one = await clips(1);
      for (const batchSize of [2, 3, 8, 100]) assert.deepEqual(await clips(batchSize), one);
      assert.deepEqual(await clips(3, 0), one, "with the least prefetching");
    }
  });

  test("clips that differ in number from file to file come in the order of the items too", async () => {
    const items = [plain.path(), longer(), longer(), plain.path()];
    const regular: Sampler = { type: "regularTimestamps", secondsBetweenClipStarts: 1, numFramesPerClip: 2 };
    for (const batchSize of [1, 4, 5]) {
      const clips: Seen[] = await seen(new ClipLoader({ pool, items, sampler: regular, batchSize }));
      assert.deepEqual(keys(clips), [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
      assert.deepEqual(
        clips.map(({ indices }) => indices[0]),
        [0, 25, 0, 25, 50, 75, 0, 25, 50, 75, 0, 25],
      );
    }
    const video = await pool.openVideo(longer());
    for await (const batch of new ClipLoader({ pool, items: [longer()], sampler: regular, batchSize: 4 })) {
      assert.deepEqual(batch.data, (await video.getFramesAt(batch.indices)).data);
    }
  });

  test("bytes in memory are items too", async () => {
    const { readFile } = await import("node:fs/promises");
    const bytes = await readFile(plain.path());
    assert.deepEqual(
      keys(await seen(new ClipLoader({ pool, items: [bytes, bytes, new Uint8Array(bytes)], sampler }))),
      [0, 1, 2],
    );
  });

  test("nothing gives no batch", async () => {
    assert.deepEqual(await seen(new ClipLoader({ pool, items: [], sampler })), []);
  });
});

suite("order", () => {
  const all = async (options: Partial<ClipLoaderOptions>): Promise<unknown[]> =>
    await seen(new ClipLoader({ pool, items: files, sampler, batchSize: 4, shuffle, ...options }));

  test("a seed gives the same clips in the same order, whatever the workers", async () => {
    const once = await all({});
    assert.deepEqual(await all({}), once);
    assert.deepEqual(await all({ pool: testPool({ workers: 1 }) }), once);
    assert.deepEqual(await all({ pool: testPool({ workers: 4 }) }), once);
    assert.notDeepEqual(
      keys(once as never),
      files.map((_, i) => i),
    );
  });

  test("another epoch gives another order and other clips", async () => {
    const one = await seen(new ClipLoader({ pool, items: files, sampler, shuffle }));
    const other = await seen(new ClipLoader({ pool, items: files, sampler, shuffle: { seed: 3, epoch: 2 } }));
    assert.notDeepEqual(keys(one), keys(other));
    const sorted = (list: typeof one): unknown[] => [...list].sort((a, b) => Number(a.key) - Number(b.key));
    assert.notDeepEqual(sorted(one), sorted(other));
  });

  test("without a seed, clips differ from loader to loader", async () => {
    const draw = async (): Promise<unknown> => await seen(new ClipLoader({ pool, items: files, sampler }));
    assert.notDeepEqual(await draw(), await draw());
    const seeded = async (): Promise<unknown> =>
      await seen(new ClipLoader({ pool, items: files, sampler: { ...sampler, seed: 9 } }));
    assert.deepEqual(await seeded(), await seeded());
  });

  for (const kind of ["array", "stream"] as const) {
    test(`the ranks share the items of a shuffled ${kind}, each exactly once`, async () => {
      const items = (): ClipLoaderOptions["items"] => (kind === "array" ? files : new ItemStream(files));
      const shares = await Promise.all(
        [0, 1, 2].map((rank) =>
          seen(
            new ClipLoader({ pool, items: items(), sampler, shuffle: { ...shuffle, window: 5 }, rank, worldSize: 3 }),
          ),
        ),
      );
      assert.deepEqual(
        shares.map(({ length }) => length),
        [7, 7, 6],
      );
      const clips = shares.flat().sort((a, b) => Number(a.key) - Number(b.key));
      assert.deepEqual(
        keys(clips),
        files.map((_, i) => i),
      );
      const alone = await seen(new ClipLoader({ pool, items: items(), sampler, shuffle: { ...shuffle, window: 5 } }));
      assert.deepEqual(
        [...alone].sort((a, b) => Number(a.key) - Number(b.key)),
        clips,
        "clips do not depend on the ranks",
      );
      assert.notDeepEqual(
        keys(alone),
        files.map((_, i) => i),
      );
    });
  }

  test("a stream's items come in its order when nothing shuffles them", async () => {
    assert.deepEqual(
      keys(await seen(new ClipLoader({ pool, items: new ItemStream(files), sampler, batchSize: 3 }))),
      files.map((_, i) => i),
    );
    assert.deepEqual(
      keys(await seen(new ClipLoader({ pool, items: new Set(files), sampler }))),
      files.map((_, i) => i),
    );
  });
});

suite("options that make no sense", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["items that are a path", { items: plain.path() }],
    ["items that are bytes", { items: new Uint8Array(3) }],
    ["a batch of nothing", { batchSize: 0 }],
    ["a rank beyond the world", { rank: 2, worldSize: 2 }],
    ["a sampler without a type", { sampler: { numClips: 1 } }],
    [
      "an option of another sampler",
      { sampler: { type: "regularTimestamps", secondsBetweenClipStarts: 1, numClips: 2 } },
    ],
    ["a policy that is none", { onError: "nearest" }],
    ["a shuffle without a seed", { shuffle: {} }],
    ["a pool that is none", { pool: {} }],
    ["a seek mode", { seekMode: "approximate" }],
    ["a misspelt option", { batchsize: 2 }],
    ["prefetching less than nothing", { prefetchBytes: -1 }],
  ];
  for (const [name, options] of cases) {
    test(name, () => {
      assert.throws(() => new ClipLoader({ pool, items: files, sampler, ...options }), { name: "FramepoolTypeError" });
    });
  }

  test("a state of other options", () => {
    const loader = new ClipLoader({ pool, items: files, sampler, shuffle });
    const state = loader.state();
    assert.throws(() => ClipLoader.from(state, { pool, items: files, sampler }), { code: "E_ARGUMENT" });
    assert.throws(() => ClipLoader.from(state, { pool, items: files, sampler, shuffle, worldSize: 2 }), {
      code: "E_ARGUMENT",
    });
    assert.throws(() => ClipLoader.from({ ...state, version: 2 as 1 }, { pool, items: files, sampler, shuffle }), {
      code: "E_ARGUMENT",
    });
  });
});

test("frames of one size cannot share a batch with others", async () => {
  const iterate = seen(new ClipLoader({ pool, items: [plain.path(), intra.path()], sampler }));
  await assert.rejects(iterate, { code: "E_FRAME_SIZE", source: intra.path() });
});
