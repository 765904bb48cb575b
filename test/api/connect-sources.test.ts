import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { type ByteSource, connect, expose, httpSource } from "../../src/index.js";
import { RangeServer } from "../support/range-server.js";
import { everyAnswer } from "./support/answers.js";
import { plain, slow, slowMkv } from "./support/clips.js";
import { digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { asyncSource } from "./support/readable-sources.js";
import { range } from "./support/sequences.js";
import { connected, inThread, userThread } from "./support/user-thread.js";

describe("a source of a thread that uses another one's pool", () => {
  it("is read in its thread: every getter answers as for a file", async () => {
    const pool = testPool({ workers: 2 });
    const expected = await everyAnswer(await pool.openVideo(plain.path()));
    const [first, second] = await Promise.all(
      [1, 2].map(() => inThread(pool, "every answer from a source of its own", plain.path())),
    );
    assert.deepEqual(first, expected);
    assert.deepEqual(second, expected);
  });

  it("goes with its thread: what the pool read of it ends, and the worker is free", async () => {
    const pool = testPool({ workers: 1 });
    // The bytes of the first are fetched before a worker begins; of the second a worker waits for them.
    for (const path of [slow.path(), slowMkv()]) {
      const { worker, said } = userThread(pool, "keep the pool waiting", path);
      assert.equal(await said(), "asked");
      await worker.terminate();
      const video = await pool.openVideo(plain.path());
      assert.equal((await video.getFrameAt(7)).index, 7);
      await video.close();
    }
  });
});

describe("sources over a connection", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  const bytes = readFileSync(plain.path());

  it("are fetched once, however many decoders read them", async () => {
    const fetched = new Uint8Array(bytes.length);
    const source: ByteSource = {
      size: bytes.length,
      async read(position, length) {
        for (let i = position; i < position + length; i++) fetched[i]!++;
        return bytes.subarray(position, position + length);
      },
    };
    const videos = await Promise.all(range(0, 4).map(() => client.openVideo(source)));
    const batches = await Promise.all(videos.map((video) => video.getAllFrames()));
    assert.ok(batches.every(({ length }) => length === plain.frames));
    assert.equal(Math.max(...fetched), 1);
    await Promise.all(videos.map((video) => video.close()));
  });

  it("are let go of with their last decoder", async () => {
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    for (let i = 0; i < 10; i++) {
      const source = asyncSource(bytes);
      registry.register(source, i);
      const videos = await Promise.all([client.openVideo(source), client.openVideo(source)]);
      for (const video of videos) await video.close();
      await rejection(client.openVideo(source, { streamIndex: 7 }), "E_NO_STREAM");
    }
    // What was done last may be remembered somewhere.
    for (let tries = 0; tries < 200 && gone < 9; tries++) {
      globalThis.gc?.();
      await sleep(5);
    }
    assert.ok(gone >= 9, `${gone} of 10 are gone`);
  });

  it("hear of it when the client is closed, and what waits for them ends with E_CLOSED", async () => {
    const { port1, port2 } = new MessageChannel();
    expose(pool, port1);
    const closing = connect(port2);
    let asked: AbortSignal | undefined;
    const stuck: ByteSource = {
      size: bytes.length,
      read: async (_position, _length, { signal }) => {
        asked = signal;
        return await new Promise<never>(() => undefined);
      },
    };
    const opening = closing.openVideo(stuck);
    opening.catch(() => undefined);
    while (asked === undefined) await sleep(1);
    await closing.close();
    await rejection(opening, "E_CLOSED");
    while (!asked.aborted) await sleep(1);
    port2.close();
  });

  it("that are open files stay the user's", async () => {
    const handle = await open(plain.path());
    const video = await client.openVideo(handle);
    assert.equal((await video.getAllFrames()).length, plain.frames);
    await video.close();
    const first = Buffer.alloc(100);
    await handle.read(first, 0, 100, null);
    assert.deepEqual(first, bytes.subarray(0, 100));
    await handle.close();
    await rejection(client.openVideo(handle), "E_IO");
  });

  it("that are streams keep the pool's limit, and their own errors", async () => {
    const small = connected(testPool({ workers: 1, limits: { maxSpoolBytes: 1000 } }));
    const endless = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(900)));
    assert.match((await rejection(small.openVideo(endless), "E_LIMIT")).message, /^a stream: .*maxSpoolBytes/);
    while (!endless.destroyed) await sleep(1);
    const own = new Error("cut");
    const broken = new Readable({ read: () => broken.destroy(own) });
    assert.equal((await rejection(client.openVideo(broken), "E_IO")).cause, own);
    assert.match((await rejection(client.openVideo(Readable.from(["text"])), "E_IO")).message, /yields string, not/);
    const silent = new Readable({ read: () => undefined });
    await rejection(client.openVideo(silent, { readTimeoutMs: 30 }), "E_TIMEOUT");
  });
});

describe("an HTTP source of a client", () => {
  let server: RangeServer;
  before(async () => {
    server = await RangeServer.start();
  });
  after(() => server.close());

  it("is fetched by the client, which counts what it cost, and closes it", async () => {
    const pool = testPool({ workers: 2 });
    const client = connected(pool);
    const source = httpSource(server.serve(readFileSync(plain.path())), { blockSize: 4096 });
    const wanted = [0, 49, 20];
    const expected = digests(await (await pool.openVideo(plain.path())).getFramesAt(wanted));
    server.resetTraffic();
    const videos = await Promise.all([client.openVideo(source), client.openVideo(source)]);
    for (const video of videos) assert.deepEqual(digests(await video.getFramesAt(wanted)), expected);
    const { requests, bytes, reads, hits } = source.stats;
    assert.equal(requests, server.traffic.requests);
    assert.equal(bytes, server.traffic.bytes);
    assert.ok(requests > 0 && bytes > 0 && reads > hits && hits > 0, JSON.stringify(source.stats));
    for (const video of videos) await video.close();
    assert.equal((await client.openVideo(source)).length, plain.frames, "it is the caller's to close");
    source.close();
    await rejection(client.openVideo(source), "E_CLOSED");
  });
});
