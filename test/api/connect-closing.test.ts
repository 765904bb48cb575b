import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { type DecoderPool, type FramepoolError, FramepoolTypeError, connect, expose } from "../../src/index.js";
import type { VideoDecoder } from "../../src/index.js";
import { ClipLoader } from "../../src/loader/index.js";
import { plain, slow } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const sampler = { type: "randomIndices", numFramesPerClip: 1 } as const;

const calls: Readonly<Record<string, (video: VideoDecoder, pool: DecoderPool) => Promise<unknown>>> = {
  getFrameAt: (video) => video.getFrameAt(-1),
  getFramesAt: (video) => video.getFramesAt([0, -1]),
  getAllFrames: (video) => video.getAllFrames({ fps: 1 }),
  frames: (video) => collect(video.frames({ step: 300 })),
  "for await": (video) => collect(video),
  openVideo: (_, pool) => pool.openVideo(plain.path()),
  extract: async (_, pool) => {
    for await (const { error } of pool.extract([{ source: slow.path(), indices: [-1] }])) if (error) throw error;
  },
  ClipLoader: async (_, pool) => {
    await collect(new ClipLoader({ pool, items: [slow.path()], sampler }));
  },
};

interface Way {
  readonly name: string;
  readonly close: (ends: { pool: DecoderPool; client: DecoderPool; channel: MessageChannel }) => Promise<void> | void;
}

const ways: readonly Way[] = [
  { name: "the pool is closed", close: ({ pool }) => pool.close() },
  { name: "the client is closed", close: ({ client }) => client.close() },
  { name: "the client is disposed", close: ({ client }) => client[Symbol.asyncDispose]() },
  { name: "the exposed endpoint is closed", close: ({ channel }) => channel.port1.close() },
  { name: "the connected endpoint is closed", close: ({ channel }) => channel.port2.close() },
];

for (const { name, close } of ways) {
  describe(`when ${name}`, () => {
    it("everything under way and everything later ends with E_CLOSED, and frames stay", async () => {
      const pool = testPool({ workers: 1 });
      const channel = new MessageChannel();
      expose(pool, channel.port1);
      const client = connect(channel.port2);
      const video = await client.openVideo(slow.path());
      const frame = await video.getFrameAt(2);
      const before = digest(frame);
      const pending = Object.entries(calls).map(async ([method, call]) => {
        await rejection(call(video, client), "E_CLOSED").catch((error: unknown) => {
          throw new Error(method, { cause: error });
        });
      });
      const outcomes = Promise.all(pending);
      for (let i = 0; i < 3; i++) await turn();
      await close({ pool, client, channel });
      await outcomes;
      for (const call of Object.values(calls)) await rejection(call(video, client), "E_CLOSED");
      assert.equal(digest(frame), before);
      frame.release();
      await video.close();
      await client.close();
      await client.close();
    });
  });
}

describe("closing a connected decoder", () => {
  const pool = testPool({ workers: 1 });
  const client = connected(pool);

  for (const [method, call] of Object.entries(calls).slice(0, 5)) {
    it(`ends ${method} under way with E_CLOSED, and the worker is free`, async () => {
      const video = await client.openVideo(slow.path());
      const pending = call(video, client);
      pending.catch(() => undefined);
      for (let i = 0; i < 3; i++) await turn();
      await video.close();
      const error = await rejection(pending, "E_CLOSED");
      assert.equal(error.source, slow.path());
      assert.match(error.message, /: the decoder is closed$/);
      await rejection(call(video, client), "E_CLOSED");
      const other = await client.openVideo(plain.path());
      assert.equal((await other.getFrameAt(1)).index, 1);
      await other.close();
      await video[Symbol.asyncDispose]();
    });
  }

  it("leaves decoders of the same file alone, here and there", async () => {
    const [mine, other, own] = [
      await client.openVideo(plain.path()),
      await client.openVideo(plain.path()),
      await pool.openVideo(plain.path()),
    ];
    await mine.close();
    assert.equal((await other.getAllFrames()).length, plain.frames);
    assert.equal((await own.getAllFrames()).length, plain.frames);
  });
});

describe("closing a client", () => {
  it("leaves the pool and other clients alone", async () => {
    const pool = testPool({ workers: 1 });
    const [client, other] = [connected(pool), connected(pool)];
    const [mine, theirs] = [await client.openVideo(plain.path()), await other.openVideo(plain.path())];
    const batch = await mine.getAllFrames();
    const before = digest(batch);
    await client.close();
    await rejection(mine.getFrameAt(0), "E_CLOSED");
    assert.equal((await theirs.getAllFrames()).length, plain.frames);
    assert.equal((await (await pool.openVideo(plain.path())).getAllFrames()).length, plain.frames);
    assert.equal(digest(batch), before, "what it was given stays as it is");
    batch.release();
  });

  it("is possible before anything was answered", async () => {
    const client = connected(testPool({ workers: 1 }));
    const opening = client.openVideo(plain.path());
    opening.catch(() => undefined);
    await client.close();
    const error = await rejection(opening, "E_CLOSED");
    assert.match(error.message, /the pool is closed$/);
    const [late] = await Promise.allSettled([collect(client.extract([{ source: plain.path(), count: 1 }]))]);
    assert.equal(late.status === "rejected" && (late.reason as FramepoolError).code, "E_CLOSED");
  });
});

describe("misuse of expose and connect", () => {
  it("is a FramepoolTypeError", () => {
    const { port1 } = new MessageChannel();
    const wrong = JSON.parse("{}") as never;
    assert.throws(() => expose(wrong, port1), FramepoolTypeError);
    assert.throws(() => expose(testPool(), wrong), /a MessagePort, a Worker or parentPort for endpoint/);
    assert.throws(() => connect(wrong), FramepoolTypeError);
    port1.close();
  });
});

describe("an endpoint", () => {
  it("is exposed once, until that is closed, which leaves the pool and the endpoint alone", async () => {
    const pool = testPool({ workers: 1 });
    const channel = new MessageChannel();
    const exposure = expose(pool, channel.port1);
    assert.throws(() => expose(pool, channel.port1), { name: "FramepoolTypeError", code: "E_ARGUMENT" });
    const client = connect(channel.port2);
    const video = await client.openVideo(slow.path());
    const pending = rejection(video.getFrameAt(-1), "E_CLOSED");
    await turn();
    exposure.close();
    exposure.close();
    await pending;
    expose(pool, channel.port1);
    const again = await connect(channel.port2).openVideo(plain.path());
    assert.equal((await again.getFrameAt(3)).index, 3);
    assert.equal((await (await pool.openVideo(plain.path())).getFrameAt(3)).index, 3);
    channel.port1.close();
  });

  it("that nobody exposed is not waited for without end", async () => {
    const channel = new MessageChannel();
    const client = connect(channel.port2);
    const opening = client.openVideo(plain.path());
    const extracting = collect(client.extract([{ source: plain.path(), count: 1 }]));
    const loading = collect(new ClipLoader({ pool: client, items: [plain.path()], sampler }));
    await Promise.all([opening, extracting, loading].map((call) => rejection(call, "E_TIMEOUT")));
    const pool = testPool({ workers: 1 });
    expose(pool, channel.port1);
    assert.equal((await client.openVideo(plain.path())).length, plain.frames, "it may be exposed later");
    channel.port1.close();
  });

  it("that nobody exposed is closed at once", async () => {
    const channel = new MessageChannel();
    await connect(channel.port2).close();
    channel.port1.close();
  });

  it("that nobody exposed and that is closed ends what waits for it", async () => {
    const channel = new MessageChannel();
    const opening = connect(channel.port2).openVideo(plain.path());
    await turn();
    channel.port1.close();
    await rejection(opening, "E_CLOSED");
  });
});
