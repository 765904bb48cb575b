import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import type { ByteSource, MediaSource, VideoDecoder } from "../../src/index.js";
import { intra, plain, plainMkv } from "./support/clips.js";
import { digests, streamDigests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { CountingFile, askableSources, asyncSource } from "./support/readable-sources.js";
import { collect, range, shuffled } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const pool = testPool({ workers: 2 });

async function all(video: VideoDecoder): Promise<string[]> {
  const batch = await video.getAllFrames();
  const result = digests(batch);
  batch.release();
  return result;
}

for (const [where, client] of Object.entries({ "a pool": pool, "a connected pool": connected(pool) })) {
  describe(`the same video on ${where} from every source that is asked for its bytes`, () => {
    for (const path of [plain.path(), plain.streamable(), plainMkv()]) {
      for (const [kind, make] of Object.entries(askableSources(path))) {
        it(`${kind} (${path.slice(path.lastIndexOf("/") + 1)})`, async () => {
          const local = await pool.openVideo(path);
          const expected = await all(local);
          const video = await client.openVideo(await make());
          assert.deepEqual(video.metadata, local.metadata);
          const order = shuffled(range(0, plain.frames));
          const batch = await video.getFramesAt(order);
          assert.deepEqual(
            digests(batch),
            order.map((i) => expected[i]),
          );
          assert.deepEqual(await streamDigests(video.frames()), expected, "one after the other");
          await video.close();
          const rough = await client.openVideo(await make(), { seekMode: "approximate" });
          assert.deepEqual(await all(rough), expected, "without an index");
          const [result] = await collect(client.extract([{ source: await make(), indices: range(0, plain.frames) }]));
          assert.deepEqual(digests(result!.batch!), expected, "in bulk");
        });
      }
    }
  });
}

describe("sources that are asked for their bytes", () => {
  it("a file-like object is asked for one thing at a time, and seldom", async () => {
    const file = new CountingFile(readFileSync(plain.path()));
    const video = await pool.openVideo(file);
    await Promise.all([video.getFrameAt(0), video.getFrameAt(30), video.getFrameAt(-1)]);
    assert.ok(
      file.reads <= 6 && file.seeks <= file.reads + 1,
      `${String(file.reads)} reads, ${String(file.seeks)} seeks`,
    );
  });

  it("what several decoders of one object need is fetched once", async () => {
    const bytes = readFileSync(plain.path());
    const fetched = new Uint8Array(bytes.length);
    const source = asyncSource(bytes);
    const counting: ByteSource = {
      size: source.size,
      read(position, length, options) {
        for (let i = position; i < position + length; i++) fetched[i]!++;
        return source.read(position, length, options);
      },
    };
    const videos = await Promise.all(range(0, 4).map(() => pool.openVideo(counting)));
    await Promise.all(videos.map((video) => all(video)));
    assert.equal(Math.max(...fetched), 1);
    await Promise.all(videos.map((video) => video.close()));
  });

  it("sources of one key share their index, and those of different keys do not", async () => {
    const first = { ...asyncSource(readFileSync(plain.path())), key: "clip", etag: "1" };
    const other = { ...asyncSource(readFileSync(intra.path())), key: "clip", etag: "2" };
    assert.equal((await pool.openVideo(first)).length, plain.frames);
    assert.equal((await pool.openVideo({ ...first })).length, plain.frames);
    assert.equal((await pool.openVideo(other)).length, intra.frames);
  });

  it("an open file stays the user's: open, and where it was", async () => {
    const handle = await open(plain.path());
    const first = Buffer.alloc(100);
    await handle.read(first, 0, 100, null);
    const video = await pool.openVideo(handle);
    await all(video);
    await video.close();
    const next = Buffer.alloc(100);
    await handle.read(next, 0, 100, null);
    assert.deepEqual(next, readFileSync(plain.path()).subarray(100, 200));
    await handle.close();
  });

  it("a decoder outlives the handle that it was opened with, in the worker that has it open", async () => {
    const handle = await open(plain.path());
    const single = testPool({ workers: 1 });
    const video = await single.openVideo(handle);
    await handle.close();
    assert.equal((await all(video)).length, plain.frames);
  });

  it("a stream that does not fit is refused", async () => {
    const small = testPool({ workers: 1, limits: { maxSpoolBytes: 1000 } });
    const error = await rejection(small.openVideo(Readable.from([Buffer.alloc(900), Buffer.alloc(200)])), "E_LIMIT");
    assert.match(error.message, /^a stream: the stream is longer than 1000 bytes \(limits\.maxSpoolBytes\)/);
  });

  it("a stream's own error is the cause, and one that yields no bytes is told", async () => {
    const own = new Error("cut");
    const broken = new Readable({ read: () => broken.destroy(own) });
    assert.equal((await rejection(pool.openVideo(broken), "E_IO")).cause, own);
    assert.match((await rejection(pool.openVideo(Readable.from(["text"])), "E_IO")).message, /not bytes/);
    const silent = new Readable({ read: () => undefined });
    await rejection(pool.openVideo(silent, { readTimeoutMs: 30 }), "E_TIMEOUT");
  });

  it("misuse is told before anything is read", async () => {
    const read = (): Uint8Array => assert.fail("it was read");
    for (const size of [NaN, -1, 1.5, "10", undefined, 2n]) {
      await assert.rejects(pool.openVideo({ size, read } as unknown as MediaSource), { code: "E_ARGUMENT" });
    }
    for (const source of [{}, { read }, { slice: read }, () => read, null, 5]) {
      await assert.rejects(pool.openVideo(source as unknown as MediaSource), { code: "E_ARGUMENT" });
    }
    await assert.rejects(pool.openVideo(plain.path(), { readTimeoutMs: 0 }), { code: "E_ARGUMENT" });
  });
});

describe("a guess of what opening needs", () => {
  it("may fail: the worker asks for what it really needs", async () => {
    const [atTheEnd, bytes] = [readFileSync(plain.path()), readFileSync(plain.streamable())];
    const matroska = readFileSync(plainMkv());
    // Of a file whose tables are at its end, the second read is a guess too.
    for (const [data, guesses] of [
      [bytes, 1],
      [matroska, 1],
      [atTheEnd, 2],
    ] as const) {
      for (let failing = 1; failing <= guesses; failing++) {
        let reads = 0;
        const source: ByteSource = {
          size: data.length,
          read(position, length) {
            if (++reads === failing) throw new Error("not now");
            return data.subarray(position, position + length);
          },
        };
        const video = await pool.openVideo(source);
        assert.equal((await video.getFrameAt(2)).index, 2);
        assert.ok(reads > failing);
        await video.close();
      }
    }
  });
});
