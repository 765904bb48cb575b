import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { FramepoolError, FramepoolTypeError, httpSource } from "../../src/index.js";
import { memoryContent } from "../support/content.js";
import { type Fault, faults } from "../support/faults.js";
import { RangeServer } from "../support/range-server.js";
import { plain, plainMkv, withoutDuration } from "./support/clips.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const pool = testPool();
const wanted = [0, 20, 49, 3];

let server: RangeServer;
let right: string[];
before(async () => {
  server = await RangeServer.start();
  const video = await pool.openVideo(plain.path());
  right = digests(await video.getFramesAt(wanted));
  await video.close();
});
after(() => server.close());

const served = (path: string, fault?: Fault): URL => {
  const content = memoryContent(readFileSync(path));
  return server.serve(fault === undefined ? { content } : { content, fault });
};

describe("a video on a server", () => {
  it("has the frames that it has on the disk, in both seek modes, by address and by source", async () => {
    for (const path of [plain.path(), plain.streamable(), plainMkv()]) {
      const url = served(path);
      const source = httpSource(url, { blockSize: 4096 });
      for (const from of [url, url.href, source]) {
        const video = await pool.openVideo(from);
        assert.deepEqual(digests(await video.getFramesAt(wanted)), right);
        await video.close();
      }
      source.close();
    }
    const video = await pool.openVideo(served(plain.path()), { seekMode: "approximate" });
    assert.deepEqual(digests(await video.getFramesAt(wanted)), right);
  });

  it("has them too when the server only sends all of it, and the cache does not hold that", async () => {
    const source = httpSource(served(plain.path(), faults.noRanges), { cacheBytes: 4096 });
    const video = await pool.openVideo(source);
    assert.deepEqual(digests(await video.getFramesAt(wanted)), right);
    await video.close();
    assert.equal(source.stats.requests, 1);
    source.close();
    const small = httpSource(served(plain.path(), faults.noRanges), { cacheBytes: 4096, maxSpoolBytes: 4096 });
    await rejection(pool.openVideo(small), "E_LIMIT");
  });

  it("is read in one piece where its container knows nothing of positions", async () => {
    const [local, remote] = await Promise.all(
      [withoutDuration(), served(withoutDuration())].map((s) => pool.openVideo(s)),
    );
    assert.equal(remote?.length, local?.length);
    assert.equal(digest((await remote?.getFrameAt(-1))!), digest((await local?.getFrameAt(-1))!));
  });

  it("is fetched once by all decoders of one source, and stays the caller's to close", async () => {
    const bytes = readFileSync(plain.path());
    const url = server.serve(bytes);
    server.resetTraffic();
    const source = httpSource(url, { blockSize: 4096 });
    const videos = await Promise.all(Array.from({ length: 8 }, () => pool.openVideo(source)));
    await Promise.all(
      videos.map(async (video) => {
        assert.deepEqual(digests(await video.getFramesAt(wanted)), right);
        await video.close();
      }),
    );
    assert.ok(server.traffic.bytes <= bytes.length, `${server.traffic.bytes} of ${bytes.length} bytes`);
    assert.equal(source.stats.requests, server.traffic.requests);
    assert.ok(source.stats.hits > 0);
    const again = await pool.openVideo(source);
    assert.equal(digest(await again.getFrameAt(0)), right[0]);
    source.close();
    await rejection(pool.openVideo(source), "E_CLOSED");
  });

  it("is one of many in bulk, and only its own error", async () => {
    const requests = [
      { key: "here", source: served(plain.path()), indices: wanted },
      { key: "gone", source: served(plain.path(), faults.missing), indices: wanted },
      { key: "disk", source: plain.path(), indices: wanted },
    ];
    const results = await collect(pool.extract(requests, { ordered: true }));
    assert.deepEqual(
      results.map(({ key, batch, error }) => [
        key,
        error instanceof FramepoolError ? error.code : batch && digests(batch),
      ]),
      [
        ["here", right],
        ["gone", "E_NOT_FOUND"],
        ["disk", right],
      ],
    );
  });
});

describe("a server that misbehaves", () => {
  const options = { blockSize: 4096, readTimeoutMs: 2000 };
  for (const name of ["busy", "failing", "reset", "short", "noRanges", "dribble"] as const) {
    it(`(${name}) gives the right pictures all the same`, async () => {
      const video = await pool.openVideo(httpSource(served(plain.path(), faults[name]), options));
      assert.deepEqual(digests(await video.getFramesAt(wanted)), right);
    });
  }

  const codes = [
    ["forbidden", "E_ACCESS"],
    ["missing", "E_NOT_FOUND"],
    ["compressed", "E_HTTP"],
    ["otherRange", "E_HTTP"],
    ["sizeChanges", "E_SOURCE_CHANGED"],
  ] as const;
  for (const [name, code] of codes) {
    it(`(${name}) is ${code}, and the pool goes on`, async () => {
      const source = httpSource(served(plain.path(), faults[name]), options);
      const error = await rejection((async () => await (await pool.openVideo(source)).getFramesAt(wanted))(), code);
      assert.ok(error.message.startsWith(server.origin), error.message);
      assert.equal(digest(await (await pool.openVideo(plain.path())).getFrameAt(0)), right[0]);
    });
  }

  it("(a file that changes) is E_SOURCE_CHANGED or the pictures of the one that was opened, never a mixture", async () => {
    const becomes = { content: memoryContent(readFileSync(plainMkv())), after: 2 };
    const url = server.serve({ content: memoryContent(readFileSync(plain.path())), becomes });
    const opened = pool.openVideo(httpSource(url, { blockSize: 4096 }));
    const outcome = await opened
      .then(async (video) => digests(await video.getFramesAt(wanted)))
      .catch((error: unknown) => error);
    if (outcome instanceof FramepoolError) assert.equal(outcome.code, "E_SOURCE_CHANGED");
    else assert.deepEqual(outcome, right);
  });

  it("(no answer) ends with the abort's reason, at once", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const url = served(plain.path(), () => {
      stop.abort(reason);
      return new Promise<never>(() => undefined);
    });
    await rejectsWith(pool.openVideo(url, { signal: stop.signal }), reason);
  });
});

describe("an address", () => {
  it("of another kind is refused before anything is asked", async () => {
    for (const source of ["rtsp://127.0.0.1/live", new URL("ftp://127.0.0.1/a.mp4"), "http://"]) {
      await assert.rejects(pool.openVideo(source), FramepoolTypeError);
    }
  });
});
