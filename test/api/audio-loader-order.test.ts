import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AudioClipLoader, type AudioClipLoaderOptions, type ClipLoaderState } from "../../src/loader/index.js";
import { plain } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { type HeardClip, ItemStream, copies, heard, keys } from "./support/loader.js";
import { rejection, testPool } from "./support/pool.js";
import { sounds } from "./support/sound.js";

const pool = testPool();
const folder = temporaryFolder();
const wav = sounds("loader.wav", ["-c:a", "pcm_s16le"], { seconds: 2, channels: 2, rate: 8000 });
const files = copies(wav, 10, folder);
type Sampler = AudioClipLoaderOptions["sampler"];
const random: Sampler = { type: "randomTimestamps", secondsPerClip: 0.5 };
const output = { sampleRate: 8000, numChannels: 1 };
const shuffle = { seed: 3, epoch: 1 };
const starts = (clips: readonly HeardClip[]): number[] => clips.map(({ ptsSeconds }) => ptsSeconds);

suite("order, shares and resuming are the picture loader's", () => {
  const all = async (options: Partial<AudioClipLoaderOptions>): Promise<HeardClip[]> =>
    await heard(
      new AudioClipLoader({ pool, items: files, sampler: random, batchSize: 4, shuffle, ...output, ...options }),
    );

  test("a seed gives the same clips in the same order, whatever the workers and batches", async () => {
    const once = await all({});
    assert.equal(new Set(starts(once)).size, 10);
    assert.deepEqual(await all({ pool: testPool({ workers: 1 }), batchSize: 3 }), once);
    assert.deepEqual(await all({ pool: testPool({ workers: 4 }), prefetchBytes: 0 }), once);
    assert.notDeepEqual(starts(await all({ shuffle: { seed: 3, epoch: 2 } })), starts(once));
  });

  test("the ranks share the items of a stream", async () => {
    const share = async (rank: number): Promise<unknown[]> =>
      keys(await all({ items: new ItemStream(files), rank, worldSize: 3 }));
    const shares = await Promise.all([share(0), share(1), share(2)]);
    assert.deepEqual(shares.flat().sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("a state goes on where the other loader was left", async () => {
    for (const sampler of [
      { ...random, numClips: 3 },
      { type: "regularTimestamps", secondsPerClip: 0.5, secondsBetweenClipStarts: 0.4 },
    ] as const) {
      const options = { pool, items: files, sampler, batchSize: 4, shuffle, ...output };
      const whole = await heard(new AudioClipLoader(options));
      for (const batches of [1, 2, 5]) {
        const begun = new AudioClipLoader(options);
        const before = await heard(begun, batches);
        const state = JSON.parse(JSON.stringify(begun.state())) as ClipLoaderState;
        assert.deepEqual([...before, ...(await heard(AudioClipLoader.from(state, options)))], whole);
      }
      assert.throws(() => AudioClipLoader.from(new AudioClipLoader(options).state(), { ...options, worldSize: 2 }), {
        code: "E_ARGUMENT",
      });
    }
  });

  test("bad items are thrown, skipped or replaced", async () => {
    const items = [wav, plain.path(), wav, join(folder, "missing.wav")];
    const loader = (onError: "throw" | "skip" | "replace"): AudioClipLoader =>
      new AudioClipLoader({ pool, items, sampler: { ...random, seed: 4 }, ...output, onError });
    assert.equal((await rejection(heard(loader("throw")), "E_NO_STREAM")).source, plain.path());
    const skipping = loader("skip");
    assert.deepEqual(keys(await heard(skipping)), [0, 2]);
    assert.deepEqual(skipping.stats.failures.map(({ error }) => (error as { code: string }).code).sort(), [
      "E_NOT_FOUND",
      "E_NO_STREAM",
    ]);
    assert.equal(skipping.stats.skipped, 2);
    const replacing = await heard(loader("replace"));
    assert.equal(replacing.length, 4);
    assert.ok(keys(replacing).every((key) => key === 0 || key === 2));
  });

  test("no more is decoded ahead than prefetchBytes says", async () => {
    const clipBytes = 4000 * 4;
    const loader = new AudioClipLoader({
      pool,
      items: [...files, ...files],
      sampler: random,
      batchSize: 2,
      prefetchBytes: 3 * 2 * clipBytes,
      ...output,
    });
    let most = 0;
    let taken = 0;
    for await (const batch of loader) {
      taken += batch.length;
      // As slow as can be: until nothing more can be decoded ahead.
      const ahead = Math.min(20 - taken, 6);
      while (loader.stats.items < taken + ahead) await turn();
      most = Math.max(most, loader.stats.prefetchedBytes);
      assert.ok((loader.stats.items - taken) * clipBytes <= 6 * clipBytes);
      batch.release();
    }
    assert.equal(most, 6 * clipBytes);
    assert.equal(taken, 20);
  });
});

suite("misuse", () => {
  const cases: readonly (readonly [string, object])[] = [
    ["no rate", { sampleRate: undefined }],
    ["no number of channels", { numChannels: undefined }],
    ["a sampler of pictures", { sampler: { type: "randomIndices" } }],
    ["no length", { sampler: { type: "randomTimestamps" } }],
    ["less than a sample", { sampler: { type: "randomTimestamps", secondsPerClip: 1e-6 } }],
    [
      "clips that start at one place",
      { sampler: { ...random, type: "regularTimestamps", secondsBetweenClipStarts: 0 } },
    ],
    ["an option of the other sampler", { sampler: { ...random, secondsBetweenClipStarts: 1 } }],
    ["a policy of pictures", { sampler: { ...random, policy: "wrap" } }],
    ["no sampler", { sampler: undefined }],
    ["a seek mode", { seekMode: "approximate" }],
    ["an option of pictures", { transforms: [] }],
  ];
  for (const [name, options] of cases) {
    test(name, () => {
      assert.throws(() => new AudioClipLoader({ pool, items: files, sampler: random, ...output, ...options }), {
        name: "FramepoolTypeError",
      });
    });
  }

  test("batches over the limit", async () => {
    const small = testPool({ workers: 1, limits: { maxOutputBytes: 100_000 } });
    const loader = (batchSize: number): AudioClipLoader =>
      new AudioClipLoader({ pool: small, items: files, sampler: random, batchSize, ...output });
    assert.equal((await heard(loader(6))).length, 10);
    await rejection(heard(loader(7)), "E_LIMIT");
  });
});
