import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Agent } from "undici";
import { FramepoolTypeError, httpSource } from "../../src/index.js";
import { memoryContent } from "../support/content.js";
import type { Fault } from "../support/faults.js";
import { RangeServer } from "../support/range-server.js";
import { plain } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

const pool = testPool();
const bytes = readFileSync(plain.path());

let server: RangeServer;
before(async () => {
  server = await RangeServer.start();
});
after(() => server.close());

const refuse =
  (status: number): Fault =>
  () => ({ status, headers: { "content-length": "0" }, body: new Uint8Array(0) });
/** An address that is good for so many requests. */
const signed = (requests: number): URL =>
  server.serve({
    content: memoryContent(bytes),
    fault: (reply, occasion) => (occasion.count <= requests ? reply : refuse(403)(reply, occasion)),
  });

describe("a signed address", () => {
  it("is renewed when the server refuses it, and the frames are those of the file", async () => {
    for (const status of [401, 403]) {
      let asked = 0;
      let expired = 0;
      const source = httpSource(
        async () => {
          const number = ++asked;
          const fault: Fault = (reply, occasion) => (number > expired ? reply : refuse(status)(reply, occasion));
          return server.serve({ content: memoryContent(bytes), fault });
        },
        { blockSize: 4096 },
      );
      assert.equal(source.url, "");
      const video = await pool.openVideo(source);
      for (const index of [0, 20, 49]) {
        expired = asked;
        assert.equal((await video.getFrameAt(index)).index, index);
      }
      assert.ok(asked > 1 && asked <= 4, String(asked));
      assert.match(source.url, /^http:/);
      await video.close();
      source.close();
    }
  });

  it("is renewed before the time that it was given with, and no request is refused", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    let asked = 0;
    let refused = 0;
    const source = httpSource(
      () => {
        const until = Date.now() + 1000;
        const fault: Fault = (reply, occasion) => {
          if (Date.now() < until) return reply;
          refused++;
          return refuse(403)(reply, occasion);
        };
        const url = server.serve({ content: memoryContent(bytes), fault });
        return asked++ % 2 === 0 ? { url, expiresAt: new Date(until) } : { url: url.href, expiresAt: until };
      },
      { blockSize: 4096, cacheBytes: 0 },
    );
    const video = await pool.openVideo(source);
    for (const index of [0, 20, 49]) {
      // A tenth of its time is left at most.
      context.mock.timers.tick(920);
      assert.equal((await video.getFrameAt(index)).index, index);
    }
    assert.equal(asked, 4);
    assert.equal(refused, 0);
    await video.close();
    source.close();
  });

  it("is used as long as it holds, where another one cannot be had", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    let asked = 0;
    const url = signed(1000);
    const source = httpSource(
      () => {
        if (asked++ > 0) throw new Error("the signer is away");
        return { url, expiresAt: Date.now() + 1000 };
      },
      { blockSize: 4096, cacheBytes: 0 },
    );
    const video = await pool.openVideo(source);
    context.mock.timers.tick(950);
    assert.equal((await video.getFrameAt(20)).index, 20);
    assert.ok(asked > 1);
    context.mock.timers.tick(100);
    await assert.rejects(video.getFrameAt(49));
    await video.close();
    source.close();
    const wrong = httpSource(() => ({ url, expiresAt: NaN }));
    assert.match((await rejection(pool.openVideo(wrong), "E_IO")).message, /url.expiresAt/);
  });

  it("is renewed once for requests that are refused together", async () => {
    let asked = 0;
    const [expires, lasts] = [signed(1), signed(1000)];
    const source = httpSource(() => (asked++ === 0 ? expires : lasts), { blockSize: 4096 });
    const video = await pool.openVideo(source);
    await Promise.all([video.getFramesAt([0, 49]), video.getFrameAt(20), video.getFrameAt(30)]);
    assert.equal(asked, 2);
    await video.close();
  });

  it("that stays refused is E_ACCESS after one more try, and what its function throws is the cause", async () => {
    let asked = 0;
    const source = httpSource(() => {
      asked++;
      return signed(0);
    });
    await rejection(pool.openVideo(source), "E_ACCESS");
    assert.equal(asked, 2);
    const failure = new Error("no key");
    const error = await rejection(pool.openVideo(httpSource(() => Promise.reject(failure))), "E_IO");
    assert.equal(error.cause, failure);
    const wrong = await pool.openVideo(httpSource(() => "ftp://x/y")).catch((reason: unknown) => reason);
    assert.match(String(wrong), /http: or https: URL/);
  });
});

describe("headers of a function", () => {
  it("are asked for first, and again when the server refuses them", async () => {
    let token = 0;
    const url = server.serve({
      content: memoryContent(bytes),
      fault: (reply, occasion) => (occasion.count === 2 ? refuse(401)(reply, occasion) : reply),
    });
    server.resetTraffic();
    const source = httpSource(url, { blockSize: 4096, headers: () => ({ authorization: `token ${String(++token)}` }) });
    const video = await pool.openVideo(source);
    assert.equal((await video.getFrameAt(40)).index, 40);
    const sent = server.traffic.headers.map(({ authorization }) => authorization);
    assert.equal(sent[0], "token 1");
    assert.equal(sent.at(-1), "token 2");
    assert.equal(token, 2);
    await video.close();
  });
});

describe("a dispatcher", () => {
  it("sends the requests, and stays the caller's", async () => {
    const agent = new Agent();
    let sent = 0;
    const counting = agent.compose((dispatch) => (options, handler) => {
      sent++;
      return dispatch(options, handler);
    });
    const source = httpSource(server.serve({ content: memoryContent(bytes) }), { dispatcher: counting });
    const video = await pool.openVideo(source);
    assert.equal((await video.getFrameAt(40)).index, 40);
    assert.equal(sent, source.stats.requests);
    await video.close();
    source.close();
    assert.equal(agent.closed, false);
    await agent.close();
  });

  it("is refused where it cannot be one, or where its connections would have to be judged", () => {
    const url = "http://example.org/x.mp4";
    assert.throws(() => httpSource(url, { dispatcher: {} as never }), FramepoolTypeError);
    assert.throws(() => httpSource(url, { dispatcher: new Agent(), refusePrivateAddresses: true }), FramepoolTypeError);
  });
});
