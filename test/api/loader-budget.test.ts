import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { plain, plainMkv } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { copies } from "./support/loader.js";
import { reportsOf } from "./support/script.js";

const loaderUrl = new URL("../../src/loader/index.js", import.meta.url).href;
const folder = temporaryFolder();
const files = copies(plain.path(), 400, folder);

/** In every script: the loader and the files. */
const prelude = `
  const [loaderUrl, files] = args;
  const { ClipLoader } = await import(loaderUrl);
  const sampler = { type: "randomIndices", numFramesPerClip: 4 };`;

test("hundreds of distinct files are never open together, and memory does not grow", async () => {
  if (!existsSync("/proc/self/fd")) return;
  const reports = await reportsOf(
    `${prelude}
    const pool = new DecoderPool({ workers: 2, memoryBudget: 2 ** 24 });
    const settle = async () => {
      for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
      return process.memoryUsage.rss();
    };
    let most = 0;
    for (let epoch = 0; epoch < 16; epoch++) {
      for await (const batch of new ClipLoader({ pool, items: files, sampler, batchSize: 4, shuffle: { seed: 1, epoch } })) {
        most = Math.max(most, openFiles(files));
        batch.release();
      }
      if (epoch > 5) report(await settle());
    }
    report([most, openFiles(files)]);
    await pool.close();`,
    [loaderUrl, files],
    { flags: ["--expose-gc"] },
  );
  const [most, left] = reports.at(-1) as [number, number];
  const memory = reports.slice(0, -1) as number[];
  // The workers' own heaps come and go by several megabytes: what leaks is there at every look. 400 clips lie between two.
  const early = Math.max(...memory.slice(0, 3));
  const late = Math.min(...memory.slice(-3));
  assert.ok(most <= 2, `${String(most)} files open at once, with two workers`);
  assert.equal(left, 0);
  assert.ok(late - early < 16e6, `${((late - early) / 1e6).toFixed(1)} MB more after 2000 clips`);
});

test("files that come again stay open while the loop lasts, within the budget, and are closed when it is left", async () => {
  if (!existsSync("/proc/self/fd")) return;
  const popular = [plain.path(), plainMkv()];
  const reports = await reportsOf(
    `${prelude}
    const pool = new DecoderPool({ workers: 2 });
    const items = Array.from({ length: 60 }, (_, i) => files[i % files.length]);
    const loader = new ClipLoader({ pool, items, sampler, prefetchBytes: 0 });
    let batches = 0;
    for await (const batch of loader) {
      batch.release();
      if (++batches === 50) { report(openFiles(files)); break; }
    }
    while (openFiles(files) > 0) await new Promise((resolve) => setImmediate(resolve));
    report(openFiles(files));
    const video = await pool.openVideo(files[0]);
    for await (const batch of new ClipLoader({ pool, items, sampler })) batch.release();
    report((await video.getFrameAt(0)).index);
    await pool.close();
    report(openFiles(files));`,
    [loaderUrl, popular],
  );
  const [during, ...others] = reports as number[];
  assert.ok(during !== undefined && during >= 1 && during <= 4, `${String(during)} open`);
  assert.deepEqual(others, [0, 0, 0]);
});

test("loops that are left early use the same memory again", async () => {
  const reports = await reportsOf(
    `${prelude}
    const pool = new DecoderPool({ workers: 2, memoryBudget: 2 ** 26 });
    const settle = async () => {
      for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
      return process.memoryUsage().arrayBuffers;
    };
    let ahead = 0;
    const loop = async (seed) => {
      const loader = new ClipLoader({ pool, items: files, sampler: { ...sampler, numFramesPerClip: 32 }, batchSize: 2, shuffle: { seed } });
      for await (const batch of loader) {
        batch.release();
        ahead += loader.stats.prefetchedBytes;
        break;
      }
    };
    for (let seed = 0; seed < 20; seed++) await loop(seed);
    const early = await settle();
    for (let seed = 0; seed < 60; seed++) await loop(seed);
    report([ahead / 80, early, await settle()]);
    await pool.close();`,
    [loaderUrl, files.slice(0, 40)],
    { flags: ["--expose-gc"] },
  );
  const [[ahead, early, late]] = reports as [[number, number, number]];
  assert.ok(ahead > 1e6, "they were left while there was memory ahead");
  assert.ok(late - early < 16e6, `${((late - early) / 1e6).toFixed(1)} MB more after 60 loops`);
});
