import assert from "node:assert/strict";
import { copyFileSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { type ByteSource, type DecoderPool, type MediaSource, connect, expose } from "../../src/index.js";
import { ClipLoader } from "../../src/loader/index.js";
import { plain, plainMkv } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const folder = temporaryFolder();
let used = 0;
const emptyFolder = (): string => join(folder, `cache-${String(used++)}`);
const cachingPool = (indexCache: string): DecoderPool => testPool({ workers: 1, indexCache });
const kept = (cache: string): string[] => readdirSync(cache).sort();

/** The pixels of a frame, each by another way to it. */
const ways = {
  async open(pool, source, index) {
    const video = await pool.openVideo(source);
    return (await video.getFrameAt(index)).data;
  },
  async load(pool, source, index) {
    return await loaded(pool, [source], index);
  },
  async loadTwice(pool, source, index) {
    return await loaded(pool, [source, source], index);
  },
  async extract(pool, source, index) {
    const [result] = await collect(pool.extract([{ source, indices: [index] }]));
    if (result?.error !== undefined) throw result.error;
    return result?.batch.data;
  },
  async extractImages(pool, source, index) {
    const encode = { format: "png" } as const;
    const [result] = await collect(pool.extract([{ source, indices: [index] }], { encode }));
    if (result?.error !== undefined) throw result.error;
    return result?.images[0]?.data;
  },
} satisfies Record<string, (pool: DecoderPool, source: MediaSource, index: number) => Promise<Uint8Array | undefined>>;
type Way = keyof typeof ways;
const names = Object.keys(ways) as Way[];

async function loaded(pool: DecoderPool, items: readonly MediaSource[], index: number): Promise<Uint8Array> {
  const sampler = { type: "selection", indices: [index] } as const;
  const [batch] = await collect(new ClipLoader({ pool, items, sampler }));
  return batch?.data ?? assert.fail("no batch");
}

/** A name and a version: what is kept of it holds for the next process. */
function counted(path: string): ByteSource & { asked: number } {
  const bytes = readFileSync(path);
  return {
    ...{ size: bytes.length, key: "x", etag: "1", asked: 0 },
    read(position, length) {
      this.asked += length;
      return bytes.subarray(position, position + length);
    },
  };
}

/** Of more than what opening them takes. */
const large = {
  mkv(): string {
    const bytes = readFileSync(plainMkv());
    // An EBML Void element, which no picture needs.
    const filler = Buffer.alloc(8 * 2 ** 20);
    filler.writeUInt8(0xec, 0);
    filler.writeUInt32BE(0x10000000 + filler.length - 5, 1);
    const path = join(folder, "large.mkv");
    writeFileSync(path, Buffer.concat([bytes, filler]));
    return path;
  },
  ts: () =>
    clip("noise.ts", [
      ...["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-vf", "noise=alls=60:allf=t", "-frames:v", "200"],
      ...["-c:v", "mpeg2video", "-q:v", "3", "-g", "10"],
    ]),
} as const;

/** Bytes that are enough for opening it and a frame: FFmpeg looks far into transport streams, and at their end. */
const enough = { mkv: 2 ** 19, ts: 3 * 2 ** 20 } as const;

for (const [container, make] of Object.entries(large)) {
  const most = enough[container as keyof typeof enough];
  describe(`an index of a remote ${container} that was kept`, () => {
    const path = make();
    const cachedAs = new Set<string>();
    for (const [i, maker] of names.entries()) {
      const user = names[(i + 1) % names.length] ?? maker;
      test(`by ${maker} is found by ${user}, which reads only what its frame needs`, async () => {
        const cache = emptyFolder();
        const [first, again] = [counted(path), counted(path)];
        await ways[maker](cachingPool(cache), first, 30);
        const [name = "", ...others] = kept(cache);
        assert.deepEqual(others, []);
        cachedAs.add(name);
        assert.ok(first.asked > 0.9 * first.size, "the whole file was read");
        const found = await ways[user](cachingPool(cache), again, 30);
        assert.deepEqual(found, await ways[user](cachingPool(emptyFolder()), path, 30));
        assert.ok(again.asked < most, `${String(again.asked)} of ${String(again.size)} bytes`);
      });
    }

    after(() => {
      assert.equal(cachedAs.size, 1, "whoever made it");
    });
  });
}

describe("an index of a local file that was kept", () => {
  for (const [i, maker] of names.entries()) {
    const user = names[(i + 2) % names.length] ?? maker;
    test(`by ${maker} spares ${user} the reading`, async () => {
      const cache = emptyFolder();
      const path = join(folder, `${maker}.mkv`);
      copyFileSync(plainMkv(), path);
      utimesSync(path, 1, 1);
      const expected = await ways[user](cachingPool(emptyFolder()), path, 2);
      await ways[maker](cachingPool(cache), path, 0);
      assert.equal(kept(cache).length, 1);
      // Who reads it through again finds fewer frames than there were.
      const damaged = readFileSync(path).fill(0, 60_000);
      writeFileSync(path, damaged);
      utimesSync(path, 1, 1);
      await assert.rejects(async () => {
        assert.deepEqual(await ways[user](testPool({ workers: 1 }), path, -48), expected);
      });
      assert.deepEqual(await ways[user](cachingPool(cache), path, -48), expected);
    });

    // They differ by who makes the job.
    if (maker !== "load" && maker !== "extract") continue;
    test(`by ${maker} is none of another version of the file, for ${user}`, async () => {
      const cache = emptyFolder();
      const path = join(folder, `${maker}-version.mkv`);
      copyFileSync(plainMkv(), path);
      await ways[maker](cachingPool(cache), path, 0);
      utimesSync(path, 1, 1);
      await ways[user](cachingPool(cache), path, 0);
      assert.equal(kept(cache).length, 2);
    });

    test(`by ${maker} and was damaged is made anew by ${user}`, async () => {
      const cache = emptyFolder();
      await ways[maker](cachingPool(cache), plainMkv(), 0);
      const file = join(cache, kept(cache)[0] ?? "");
      const whole = readFileSync(file);
      writeFileSync(file, Buffer.from(whole).fill(7, 50, 60));
      const expected = await ways[user](testPool({ workers: 1 }), plainMkv(), 30);
      assert.deepEqual(await ways[user](cachingPool(cache), plainMkv(), 30), expected);
      assert.deepEqual(readFileSync(file), whole);
    });
  }

  test("is not of MP4, nor of bytes without a name", async () => {
    const cache = emptyFolder();
    const pool = cachingPool(cache);
    for (const way of names) {
      await ways[way](pool, plain.path(), 0);
      await ways[way](pool, readFileSync(plainMkv()), 0);
    }
    assert.throws(() => kept(cache), { code: "ENOENT" });
  });

  test("takes nothing from errors: what is not there is E_NOT_FOUND", async () => {
    const pool = cachingPool(emptyFolder());
    for (const way of names) await rejection(ways[way](pool, join(folder, "nowhere.mkv"), 0), "E_NOT_FOUND");
  });

  test("is the pool's, whoever uses that from another thread", async () => {
    const cache = emptyFolder();
    const { port1, port2 } = new MessageChannel();
    const exposure = expose(cachingPool(cache), port1);
    const client = connect(port2);
    for (const way of names) await ways[way](client, plainMkv(), 0);
    assert.equal(kept(cache).length, 1);
    await client.close();
    exposure.close();
  });
});
