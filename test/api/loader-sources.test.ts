import assert from "node:assert/strict";
import { copyFileSync, readFileSync, renameSync } from "node:fs";
import { after, before, suite, test } from "node:test";
import { type MediaSource, httpSource } from "../../src/index.js";
import { AudioClipLoader, ClipLoader } from "../../src/loader/index.js";
import { faults } from "../support/faults.js";
import { memoryContent } from "../support/content.js";
import { RangeServer } from "../support/range-server.js";
import { plain, sound } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { type Sampler, type Seen, copies, heard, keys, longer, seen } from "./support/loader.js";
import { rejection, testPool } from "./support/pool.js";
import { askableSources } from "./support/readable-sources.js";

const pool = testPool();
const sampler: Sampler = { type: "randomIndices", numClips: 2, numFramesPerClip: 3, seed: 2 };
const bytes = readFileSync(plain.path());

let server: RangeServer;
before(async () => {
  server = await RangeServer.start();
});
after(() => server.close());

/** Every clip's key, frame numbers and pixels. */
async function clipsOf(items: readonly MediaSource[], batchSize = 3): Promise<unknown[]> {
  const clips: unknown[] = [];
  for await (const batch of new ClipLoader({ pool, items, sampler, batchSize, shuffle: { seed: 1 } })) {
    batch.keys.forEach((key, i) => {
      const { indices, data } = batch.clip(i);
      clips.push([key, [...indices], data.slice()]);
    });
    batch.release();
  }
  return clips;
}

suite("items of every kind of source give the clips of the file", () => {
  for (const [name, make] of Object.entries(askableSources(plain.path()))) {
    test(name, async () => {
      const again = await make();
      const items = [await make(), again, await make(), again, again];
      assert.deepEqual(await clipsOf(items), await clipsOf(items.map(() => plain.path())));
    });
  }

  test("addresses, and sources of addresses", async () => {
    const source = httpSource(server.serve(bytes), { blockSize: 4096 });
    const url = server.serve(bytes);
    const items = [server.serve(bytes), url, source, url.href, server.serve(bytes).href, source];
    assert.deepEqual(await clipsOf(items), await clipsOf(items.map(() => plain.path())));
    source.close();
  });

  test("sound, too", async () => {
    const content = readFileSync(sound());
    const options = {
      pool,
      sampler: { type: "randomTimestamps", numClips: 3, secondsPerClip: 0.2, seed: 1 } as const,
      sampleRate: 16_000,
      numChannels: 1,
      batchSize: 2,
    };
    const expected = await heard(new AudioClipLoader({ items: [sound(), sound(), sound(), sound()], ...options }));
    const blob = new Blob([content]);
    const items = [server.serve(content), blob, blob, { size: content.length, read: readContent }];
    assert.deepEqual(await heard(new AudioClipLoader({ items, ...options })), expected);

    async function readContent(position: number, length: number): Promise<Uint8Array> {
      return await Promise.resolve(content.subarray(position, position + length));
    }
  });
});

suite("a data set on a server", () => {
  test("bad ones, and those that stall, are skipped; the others come", async () => {
    const content = (): ReturnType<typeof memoryContent> => memoryContent(bytes);
    const items = [
      server.serve(bytes),
      server.serve({ content: content(), fault: faults.missing }),
      server.serve({ content: content(), fault: faults.stallAlways }),
      server.serve({ content: content(), fault: faults.busy }),
      server.serve({ content: content(), fault: faults.stallAlways }),
      server.serve({ content: content(), fault: faults.stallAlways }),
      server.serve(readFileSync(new URL(import.meta.url))),
      server.serve(bytes),
    ];
    const loader = new ClipLoader({ pool, items, sampler, onError: "skip", readTimeoutMs: 600 });
    assert.deepEqual(keys(await seen(loader)), [0, 0, 3, 3, 7, 7]);
    assert.deepEqual(loader.stats.failures.map(({ key, error }) => [key, (error as { code: string }).code]).sort(), [
      [1, "E_NOT_FOUND"],
      [2, "E_TIMEOUT"],
      [4, "E_TIMEOUT"],
      [5, "E_TIMEOUT"],
      [6, "E_UNSUPPORTED_FORMAT"],
    ]);
  });

  test("what comes again at once is asked for once; of what comes again later, few are kept", async () => {
    const requests = async (items: readonly URL[]): Promise<number> => {
      server.resetTraffic();
      await seen(new ClipLoader({ pool, items, sampler, prefetchBytes: 0 }));
      return server.traffic.requests;
    };
    const urls = Array.from({ length: 20 }, () => server.serve(bytes));
    const once = await requests(urls);
    assert.equal(await requests([...urls.slice(0, 6), ...urls.slice(0, 6), ...urls.slice(0, 6)]), (once * 6) / 20);
    assert.ok((await requests([...urls, ...urls])) > once * 1.5);
  });
});

suite("a file that comes again", () => {
  const oneWorker = testPool({ workers: 1 });
  const [first = "", ...others] = copies(plain.path(), 101, temporaryFolder());

  /** It is another file from the first batch on. */
  async function replacedMeanwhile(items: readonly string[]): Promise<Seen[]> {
    copyFileSync(plain.path(), first);
    copyFileSync(longer(), `${first}.new`);
    const clips: Seen[] = [];
    for await (const batch of new ClipLoader({ pool: oneWorker, items, sampler, prefetchBytes: 0 })) {
      if (clips.length === 0) renameSync(`${first}.new`, first);
      batch.keys.forEach((key, i) => clips.push({ key, indices: [...batch.clip(i).indices] }));
      batch.release();
    }
    return clips;
  }

  test("must be the same one, while it is kept open", async () => {
    const between = others.slice(0, 5);
    await rejection(replacedMeanwhile([first, ...between, ...between, first]), "E_SOURCE_CHANGED");
  });

  test("is not kept for ever: after many others that come again, it is the one that is there", async () => {
    const between = [...others, ...others];
    const expected = await seen(new ClipLoader({ pool, items: [plain.path(), ...between, longer()], sampler }));
    assert.deepEqual(await replacedMeanwhile([first, ...between, first]), expected);
  });
});
