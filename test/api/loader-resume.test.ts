import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { ClipLoader, type ClipLoaderOptions, type ClipLoaderState } from "../../src/loader/index.js";
import { plain } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { ItemStream, type Sampler, copies, keys, longer, seen } from "./support/loader.js";
import { testPool } from "./support/pool.js";
import { runScript } from "./support/script.js";

const pool = testPool();
const folder = temporaryFolder();
const files = copies(plain.path(), 15, folder);
const shuffle = { seed: 5, epoch: 2, window: 4 };
const random: Sampler = { type: "randomTimestamps", numFramesPerClip: 2 };

const viaJson = (state: ClipLoaderState): ClipLoaderState => JSON.parse(JSON.stringify(state)) as ClipLoaderState;

suite("a loader made from a state goes on where the other one was left", () => {
  const cases: readonly { name: string; options: () => Omit<ClipLoaderOptions, "pool"> }[] = [
    { name: "shuffled", options: () => ({ items: files, sampler: random, batchSize: 2, shuffle }) },
    {
      name: "in the middle of an item",
      options: () => ({ items: files, sampler: { ...random, numClips: 3 }, batchSize: 2, shuffle }),
    },
    {
      name: "items that fill several batches",
      options: () => ({ items: files, sampler: { ...random, numClips: 4 }, batchSize: 2 }),
    },
    { name: "a stream", options: () => ({ items: new ItemStream(files), sampler: random, batchSize: 2, shuffle }) },
    {
      name: "one rank of two",
      options: () => ({ items: files, sampler: random, batchSize: 2, shuffle, rank: 1, worldSize: 2 }),
    },
    {
      name: "clips that differ in number",
      options: () => ({
        items: [plain.path(), longer(), plain.path()],
        sampler: { type: "regularTimestamps", secondsBetweenClipStarts: 0.5 },
        batchSize: 3,
      }),
    },
    {
      name: "skipped items",
      options: () => ({
        items: [...files.slice(0, 3), "missing.mp4", ...files.slice(3)],
        sampler: random,
        batchSize: 2,
        onError: "skip",
      }),
    },
  ];
  for (const { name, options } of cases) {
    test(name, async () => {
      const first = new ClipLoader({ pool, ...options() });
      const whole = await seen(first);
      for (const batches of [1, 2, 3]) {
        // The random clips of a loader without a seed are those of its state.
        const start = ClipLoader.from(first.state(), { pool, ...options() });
        assert.deepEqual(await seen(start), [], "the end is the end");
        const begun = ClipLoader.from(viaJson({ ...first.state(), item: 0, clip: 0 }), { pool, ...options() });
        const before = await seen(begun, batches);
        const after = await seen(ClipLoader.from(viaJson(begun.state()), { pool, ...options() }));
        assert.deepEqual([...before, ...after], whole);
      }
    });
  }

  test("a fresh state is the beginning", async () => {
    const loader = new ClipLoader({ pool, items: files, sampler: random });
    const clips = await seen(ClipLoader.from(loader.state(), { pool, items: files, sampler: random }));
    assert.deepEqual(clips, await seen(loader));
  });
});

test("an epoch whose process was killed and that is resumed has every item exactly once", async () => {
  const log = join(folder, "progress.jsonl");
  const loaderUrl = new URL("../../src/loader/index.js", import.meta.url).href;
  const options = { items: files, sampler: random, batchSize: 2, shuffle };
  const run = async (killAfter: number): ReturnType<typeof runScript> =>
    await runScript(
      `
      import { appendFileSync, existsSync, readFileSync } from "node:fs";
      const [loaderUrl, log, options, killAfter] = args;
      const { ClipLoader } = await import(loaderUrl);
      const pool = new DecoderPool({ workers: 2 });
      const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\\n").map((line) => JSON.parse(line)) : [];
      const state = lines.at(-1)?.state;
      const loader = state ? ClipLoader.from(state, { pool, ...options }) : new ClipLoader({ pool, ...options });
      let batches = 0;
      for await (const batch of loader) {
        appendFileSync(log, JSON.stringify({ keys: batch.keys, state: loader.state() }) + "\\n");
        if (++batches === killAfter) process.kill(process.pid, "SIGKILL");
        batch.release();
      }
      await pool.close();`,
      [loaderUrl, log, options, killAfter],
    );
  assert.equal((await run(2)).signal, "SIGKILL");
  assert.equal((await run(3)).signal, "SIGKILL");
  assert.equal((await run(1000)).code, 0);
  const delivered = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => (JSON.parse(line) as { keys: number[] }).keys);
  assert.deepEqual(
    [...delivered].sort((a, b) => a - b),
    files.map((_, i) => i),
  );
  assert.deepEqual(delivered, keys(await seen(new ClipLoader({ pool, ...options }))));
});
