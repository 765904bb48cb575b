import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FramepoolTypeError } from "../../src/index.js";
import { plain, plainMkv } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const pool = testPool();
const encode = { format: "jpeg" } as const;
const root = temporaryFolder();
let folders = 0;
const newFolder = (): string => join(root, String(folders++), "pictures");

describe("images that workers write into a folder", () => {
  it("are the very files that would have been handed over, with an index and without, in any order and as often", async () => {
    for (const [path, seekMode] of [
      [plain.path(), "exact"],
      [plainMkv(), "approximate"],
    ] as const) {
      const video = await pool.openVideo(path, { seekMode });
      const selection = { indices: [31, 4, 4, 49, 0] };
      const folder = newFolder();
      const files = await collect(video.getImages(selection, { encode, folder }));
      const images = await collect(video.getImages(selection, { encode }));
      assert.deepEqual(
        files.map(({ bytes, ...facts }) => [{ ...facts, path: "" }, bytes]),
        images.map(({ data, ...facts }) => [{ ...facts, path: "" }, data.length]),
      );
      for (const [i, { path: file }] of files.entries()) {
        assert.equal(file, join(folder, `${String(selection.indices[i]).padStart(6, "0")}.jpg`));
        assert.deepEqual(new Uint8Array(readFileSync(file)), images[i]!.data);
      }
      assert.equal(readdirSync(folder).length, 4);
    }
  });

  it("of many files each go where their request says; without a folder they are handed over", async () => {
    const sources = [plain.path(), plainMkv()];
    const requests = sources.map((source, key) => ({ source, key, count: 3, folder: newFolder() }));
    for await (const { key, images, error } of pool.extract(requests, { encode })) {
      assert.equal(error, undefined);
      const names = images.map(({ path }) => path).sort();
      assert.deepEqual(
        names,
        readdirSync(requests[key]!.folder)
          .sort()
          .map((name) => join(requests[key]!.folder, name)),
      );
      assert.equal(names.length, 3);
    }
    const [result] = await collect(pool.extract([{ source: plain.path(), count: 1 }], { encode }));
    assert.equal(result?.images?.[0]?.format, "jpeg");
    assert.ok(result.images.every(({ data }) => data.length > 100));
  });

  it("are written by the pool's threads for another thread of the user's too", async () => {
    const remote = connected(pool);
    const folder = newFolder();
    const video = await remote.openVideo(plain.path());
    const files = await collect(video.getImages({ count: 2 }, { encode, folder }));
    assert.deepEqual(
      files.map(({ path, bytes }) => [path, bytes]),
      readdirSync(folder).map((name) => [join(folder, name), readFileSync(join(folder, name)).length]),
    );
    await remote.close();
  });

  it("are written ahead without memory for pictures, since they take none", async () => {
    const poor = testPool({ workers: 2, memoryBudget: 0 });
    const folder = newFolder();
    const video = await poor.openVideo(plain.path());
    for await (const { index } of video.getImages({ count: plain.frames }, { encode, folder })) {
      assert.equal(index, 0);
      break;
    }
    assert.ok(readdirSync(folder).filter((name) => name.endsWith(".jpg")).length >= 8);
  });

  it("replace files of their names, and appear whole or not at all", async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "000000.jpg"), "old");
    writeFileSync(join(folder, "mine.txt"), "mine");
    // A folder in the place of a picture: what was written aside for it is taken away.
    mkdirSync(join(folder, "000004.jpg"));
    const video = await pool.openVideo(plain.path());
    const written: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const { path } of video.getImages({ indices: [0, 4, 9] }, { encode, folder })) written.push(path);
      })(),
      "E_IO",
    );
    assert.equal(error.source, join(folder, "000004.jpg"));
    assert.match(error.reason, /^cannot be written: (?:is a directory|illegal operation on a directory)/i);
    assert.deepEqual(readdirSync(folder).sort(), ["000000.jpg", "000004.jpg", "mine.txt"]);
    assert.ok(readFileSync(join(folder, "000000.jpg")).length > 100);
  });

  it("that cannot be written are an error that names the file, or the folder that cannot be made", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, ".."));
    writeFileSync(folder, "a file");
    const video = await pool.openVideo(plain.path());
    assert.equal((await rejection(collect(video.getImages({ count: 1 }, { encode, folder })), "E_IO")).source, folder);
    rmSync(folder);
    const request = { source: plain.path(), count: 1, folder: join(plain.path(), "x") };
    const [result] = await collect(pool.extract([request], { encode }));
    assert.deepEqual([result?.error?.code, result?.error?.source], ["E_IO", request.folder]);
  });

  it("need `encode`, and the path of a folder", () => {
    const request = { source: plain.path(), count: 1, folder: root };
    assert.throws(() => pool.extract([request]), FramepoolTypeError);
    assert.throws(() => pool.extract([{ ...request, folder: "" }], { encode }), FramepoolTypeError);
  });
});
