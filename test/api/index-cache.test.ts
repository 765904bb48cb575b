import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ByteSource, DecoderPool } from "../../src/index.js";
import { plain, plainMkv, unreferencedMkv } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { testPool } from "./support/pool.js";
import { reportsOf } from "./support/script.js";

const folder = temporaryFolder();
let used = 0;
const emptyFolder = (): string => join(folder, `cache-${String(used++)}`);
const cachingPool = (indexCache: string | { folder: string; maxBytes?: number }): DecoderPool =>
  testPool({ workers: 1, indexCache });
const kept = (cache: string): string[] => readdirSync(cache).sort();

/** A name and a version: what is kept of it holds for the next process. */
function counted(path: string, key: string): ByteSource & { asked: number } {
  const bytes = readFileSync(path);
  return {
    ...{ size: bytes.length, key, etag: "1", asked: 0 },
    read(position, length) {
      this.asked += length;
      return bytes.subarray(position, position + length);
    },
  };
}

/** Many small pictures in 3 MB, with something at the end that no picture needs. */
function largeMkv(): string {
  const path = join(folder, "large.mkv");
  // An EBML Void element.
  const filler = Buffer.alloc(3 * 2 ** 20);
  filler.writeUInt8(0xec, 0);
  filler.writeUInt32BE(0x10000000 + filler.length - 5, 1);
  writeFileSync(path, Buffer.concat([readFileSync(plainMkv()), filler]));
  return path;
}

describe("indexCache", () => {
  test("keeps what took reading, and another pool does not read it again", async () => {
    const cache = emptyFolder();
    const path = largeMkv();
    const [first, again] = [counted(path, "x"), counted(path, "x")];
    const video = await cachingPool(cache).openVideo(first);
    assert.equal(kept(cache).length, 1);
    const other = await cachingPool(cache).openVideo(again);
    assert.equal(other.length, video.length);
    assert.deepEqual((await other.getFrameAt(30)).data, (await video.getFrameAt(30)).data);
    assert.ok(again.asked < first.asked / 2, `${String(again.asked)} of ${String(first.asked)} bytes`);
  });

  test("of an MP4, or of bytes without a name, keeps nothing", async () => {
    const cache = emptyFolder();
    mkdirSync(cache);
    const pool = cachingPool(cache);
    await pool.openVideo(plain.path());
    await pool.openVideo(readFileSync(plainMkv()));
    await pool.openVideo(plainMkv(), { seekMode: "approximate" });
    assert.deepEqual(kept(cache), []);
  });

  test("tells files, their versions and their options apart", async () => {
    const cache = emptyFolder();
    const path = join(folder, "version.mkv");
    copyFileSync(plainMkv(), path);
    await cachingPool(cache).openVideo(path);
    utimesSync(path, 1, 1);
    await cachingPool(cache).openVideo(path);
    await cachingPool(cache).openVideo(path, { streamIndex: 0 });
    await cachingPool(cache).openVideo(unreferencedMkv());
    await cachingPool(cache).openVideo(path);
    assert.equal(kept(cache).length, 4);
  });

  test("makes anew what is damaged, and writes it again", async () => {
    const cache = emptyFolder();
    const video = await cachingPool(cache).openVideo(plainMkv());
    const [name = ""] = kept(cache);
    const file = join(cache, name);
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(90) ^ 4, 90);
    for (const damaged of [new Uint8Array(), whole.subarray(0, 40), flipped, Buffer.alloc(1000, 1)]) {
      writeFileSync(file, damaged);
      const again = await cachingPool(cache).openVideo(plainMkv());
      assert.equal(again.length, video.length);
      assert.deepEqual(readFileSync(file), whole);
    }
    assert.deepEqual(kept(cache), [name]);
  });

  test("stays within its bytes: what was used longest ago goes, and what a dead process left", async () => {
    const cache = emptyFolder();
    const paths = ["a", "b", "c", "d"].map((name) => {
      const path = join(folder, `${name}.mkv`);
      copyFileSync(plainMkv(), path);
      return path;
    });
    await cachingPool(cache).openVideo(paths[0] ?? "");
    const [first = ""] = kept(cache);
    const { size } = statSync(join(cache, first));
    const abandoned = join(cache, `${first}.${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}`);
    writeFileSync(abandoned, "part");
    utimesSync(abandoned, 1, 1);
    writeFileSync(join(cache, "somebody else's"), Buffer.alloc(size));
    utimesSync(join(cache, first), 1, 1);
    const settings = { folder: cache, maxBytes: Math.ceil(2.3 * size) };
    for (const path of paths.slice(1)) await cachingPool(settings).openVideo(path);
    const left = kept(cache);
    assert.equal(left.length, 3);
    assert.ok(left.includes("somebody else's") && !left.includes(first), left.join());
    await cachingPool({ folder: cache, maxBytes: 0 }).openVideo(paths[0] ?? "");
    assert.deepEqual(kept(cache), left);
  });

  test("is never the reason why a file does not open", async () => {
    const blocked = join(folder, "a file");
    writeFileSync(blocked, "");
    const video = await cachingPool(join(blocked, "below")).openVideo(plainMkv());
    assert.equal(video.length, 50);
    assert.throws(() => cachingPool(""), { code: "E_ARGUMENT" });
    assert.throws(() => cachingPool({ folder: "x", maxBytes: -1 }), { code: "E_ARGUMENT" });
    assert.throws(() => cachingPool({ folder: "x", max: 1 } as { folder: string }), { code: "E_ARGUMENT" });
  });

  test("is shared by processes that open the same files at once", async () => {
    const cache = emptyFolder();
    const paths = Array.from({ length: 6 }, (_, i) => {
      const path = join(folder, `shared-${String(i)}.mkv`);
      copyFileSync(plainMkv(), path);
      return path;
    });
    const script = `
      const pool = new DecoderPool({ workers: 1, indexCache: { folder: args[0], maxBytes: 2000 } });
      for (let round = 0; round < 3; round++) {
        for (const path of args.slice(1)) {
          const video = await pool.openVideo(path);
          report([video.length, (await video.getFrameAt(-1)).ptsSeconds]);
          await video.close();
        }
      }
      await pool.close();`;
    const runs = await Promise.all([1, 2, 3].map(() => reportsOf(script, [cache, ...paths])));
    for (const reports of runs)
      assert.deepEqual(
        reports,
        Array.from({ length: 18 }, () => [50, 1.96]),
      );
    const files = kept(cache);
    assert.ok(files.every((name) => name.endsWith(".fpix")));
    assert.ok(files.reduce((sum, name) => sum + statSync(join(cache, name)).size, 0) < 3 * 2000);
  });
});
