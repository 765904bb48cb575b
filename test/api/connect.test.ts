import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { MessageChannel } from "node:worker_threads";
import {
  DecoderPool,
  type ErrorCode,
  type ExtractRequest,
  FramepoolError,
  FramepoolTypeError,
  type VideoDecoder,
  VideoDecoder as Decoder,
  connect,
  expose,
} from "../../src/index.js";
import { batchFields, errorFields, everyAnswer } from "./support/answers.js";
import { intra, plain, slow, sound, withoutDuration } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const reason = { why: "enough" };

describe("a connected pool", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);

  it("is a DecoderPool, and its videos are VideoDecoders", async () => {
    assert.ok(client instanceof DecoderPool);
    const video = await client.openVideo(plain.path());
    assert.ok(video instanceof Decoder);
    assert.equal(client.workers, 2);
    await video.close();
  });

  it("takes every option of a decoder", async () => {
    for (const options of [
      { pixelFormat: "gray8", dtype: "float32", dimensionOrder: "NCHW" },
      { pixelFormat: "native" },
      { seekMode: "approximate" },
      { threadsPerWorker: 2, streamIndex: 0 },
    ] as const) {
      const [own, theirs] = [
        await pool.openVideo(plain.path(), options),
        await client.openVideo(plain.path(), options),
      ];
      assert.deepEqual(await everyAnswer(theirs), await everyAnswer(own));
    }
  });

  it("opens URLs, bytes and shared bytes as the pool itself does", async () => {
    const bytes = readFileSync(plain.path());
    const shared = new SharedArrayBuffer(bytes.length + 10);
    new Uint8Array(shared, 10).set(bytes);
    const arrayBuffer = new Uint8Array(bytes).buffer;
    const expected = digest(await (await pool.openVideo(plain.path())).getFrameAt(20));
    for (const source of [pathToFileURL(plain.path()), bytes, arrayBuffer, new Uint8Array(shared, 10)]) {
      const video = await client.openVideo(source);
      assert.equal(digest(await video.getFrameAt(20)), expected);
    }
    assert.equal(bytes.length, readFileSync(plain.path()).length, "the user's bytes stay theirs");
  });

  it("iterates in order, and a loop that is left leaves the worker free", async () => {
    const video = await client.openVideo(slow.path());
    const seen: number[] = [];
    for await (const frame of video.frames({ start: 3 })) {
      seen.push(frame.index);
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, [3, 4, 5]);
    const again = await client.openVideo(plain.path());
    assert.equal((await again.getFrameAt(1)).index, 1);
  });

  it("gives released memory back: the next batch lies where the last one was", async () => {
    const video = await connected(testPool({ workers: 1 })).openVideo(plain.path());
    const first = await video.getAllFrames();
    const old = new Uint8Array(structuredClone(first.data.buffer));
    first.release();
    assert.throws(() => first.data, { code: "E_CLOSED" });
    const second = await video.getAllFrames();
    const changed = (old[0]! ^ 0xff) & 0xff;
    old[0] = changed;
    assert.equal(second.data[0], changed);
  });

  it("works through a second connection too: what is connected can be exposed", async () => {
    const far = connected(client);
    const video = await far.openVideo(plain.path());
    assert.deepEqual(await everyAnswer(video), await everyAnswer(await pool.openVideo(plain.path())));
    await far.close();
    assert.equal((await (await client.openVideo(plain.path())).getFrameAt(1)).index, 1);
  });

  it("shares its endpoint with other messages and other connections", async () => {
    const { port1, port2 } = new MessageChannel();
    expose(pool, port1);
    const [a, b] = [connect(port2), connect(port2)];
    const heard: unknown[] = [];
    port1.on("message", (message: unknown) => {
      if (typeof message === "string") heard.push(message);
    });
    port2.postMessage("mine");
    const videos = await Promise.all([a.openVideo(plain.path()), b.openVideo(intra.path())]);
    await a.close();
    assert.equal((await videos[1].getFrameAt(-1)).index, intra.frames - 1);
    assert.deepEqual(heard, ["mine"]);
    port2.close();
  });
});

describe("extracting over a connection", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  const paths = [plain.path(), intra.path(), "nowhere.mp4", plain.path(), sound()];

  it("gives what the pool gives: keys by identity, errors as results, in order when asked to", async () => {
    const keys = paths.map((path) => ({ path }));
    const requests = paths.map((source, i) => ({ source, key: keys[i]!, count: 3 }));
    const own = await collect(pool.extract(requests, { ordered: true, pixelFormat: "gray8" }));
    const theirs = await collect(client.extract(requests, { ordered: true, pixelFormat: "gray8" }));
    assert.equal(theirs.length, paths.length);
    theirs.forEach(({ key, batch, error }, i) => {
      assert.equal(key, keys[i]);
      assert.deepEqual(batch && batchFields(batch), own[i]?.batch && batchFields(own[i].batch));
      assert.deepEqual(batch?.metadata, own[i]?.batch?.metadata);
      const fields = [error, own[i]?.error].map((it) => (it instanceof FramepoolError ? errorFields(it) : it));
      assert.deepEqual(fields[0], fields[1]);
    });
  });

  it("begins no more than maxInFlight requests, by default twice the workers", async () => {
    for (const [options, most] of [
      [{ maxInFlight: 3 }, 3],
      [{}, 4],
    ] as const) {
      let begun = 0;
      const requests = function* (): Generator<ExtractRequest> {
        for (;;) {
          begun++;
          yield { source: plain.path(), count: 1 };
        }
      };
      let taken = 0;
      for await (const { batch } of client.extract(requests(), options)) {
        batch?.release();
        taken++;
        await turn();
        assert.ok(begun <= taken + most, `${begun} begun, ${taken} taken`);
        if (taken === 20) break;
      }
    }
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const requests = Array.from({ length: 8 }, () => ({ source: slow.path(), indices: [-1] }));
    const done = collect(client.extract(requests, { signal: controller.signal }));
    await turn();
    controller.abort(reason);
    await rejectsWith(done, reason);
    await rejectsWith(collect(client.extract(requests, { signal: AbortSignal.abort(reason) })), reason);
  });

  it("refuses misuse at once", () => {
    assert.throws(() => client.extract([], { maxInFlight: 0 }), FramepoolTypeError);
    assert.throws(() => client.extract([], JSON.parse('{"sead": 1}') as object), { code: "E_ARGUMENT" });
  });
});

describe("errors over a connection say what the pool's own say", () => {
  const pool = testPool({ workers: 1, limits: { maxOutputBytes: 2 ** 20 } });
  const client = connected(pool);
  const broken = withDeadPackets(intra.path(), [5]);
  const cases: Readonly<Record<string, [ErrorCode, (pool: DecoderPool) => Promise<unknown>]>> = {
    "no such file": ["E_NOT_FOUND", (on) => on.openVideo("nowhere.mp4")],
    "a folder": ["E_NOT_A_FILE", (on) => on.openVideo("/")],
    "not a media file": [
      "E_UNSUPPORTED_FORMAT",
      (on) => on.openVideo(new TextEncoder().encode("some text".repeat(99))),
    ],
    "no picture": ["E_NO_STREAM", (on) => on.openVideo(sound())],
    "a frame that is not there": ["E_OUT_OF_RANGE", async (on) => (await on.openVideo(plain.path())).getFrameAt(99)],
    "a broken frame": ["E_DECODE", async (on) => (await on.openVideo(broken)).getFrameAt(5)],
    "a broken frame in a loop": ["E_DECODE", async (on) => collect(await on.openVideo(broken))],
    "too much": ["E_LIMIT", async (on) => (await on.openVideo(slow.path())).getFrameAt(0)],
    "no header": ["E_METADATA", (on) => on.openVideo(withoutDuration(), { seekMode: "approximate" })],
  };
  for (const [name, [code, call]] of Object.entries(cases)) {
    it(`${name}: ${code}`, async () => {
      const expected = await rejection(call(pool), code);
      const error = await rejection(call(client), code);
      assert.deepEqual(errorFields(error), errorFields(expected));
      if (code === "E_DECODE") assert.equal(error.frame?.index, 5);
    });
  }

  it("misuse: a FramepoolTypeError", async () => {
    const video = await client.openVideo(plain.path());
    for (const call of [
      () => client.openVideo(""),
      () => client.openVideo(JSON.parse("{}") as string),
      () => client.openVideo(plain.path(), { threadsPerWorker: 0 }),
      () => video.getFrameAt(0.5),
      () => video.getFramesInRange(0, 1, { step: 0 }),
    ]) {
      await assert.rejects(call, FramepoolTypeError);
    }
  });

  it("frames before a broken one come first", async () => {
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const { index } of await client.openVideo(broken)) seen.push(index);
    };
    await rejection(loop(), "E_DECODE");
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  });
});

describe("aborting over a connection", () => {
  // One worker: whoever comes next has to wait until it is free.
  const pool = testPool({ workers: 1 });
  const client = connected(pool);
  const calls: Readonly<Record<string, (video: VideoDecoder, signal: AbortSignal) => Promise<unknown>>> = {
    getFrameAt: (video, signal) => video.getFrameAt(-1, { signal }),
    getFramesAt: (video, signal) => video.getFramesAt([0, -1], { signal }),
    getAllFrames: (video, signal) => video.getAllFrames({ signal }),
    frames: (video, signal) => collect(video.frames({ signal })),
  };

  for (const [name, call] of Object.entries(calls)) {
    it(`ends ${name} with the very reason; the worker is free, the decoder usable`, async () => {
      const video = await client.openVideo(slow.path());
      const controller = new AbortController();
      const pending = call(video, controller.signal);
      pending.catch(() => undefined);
      for (let i = 0; i < 5; i++) await turn();
      controller.abort(reason);
      await rejectsWith(pending, reason);
      assert.deepEqual(digests(await video.getFramesAt([2])), digests(await video.getFramesInRange(2, 3)));
      await rejectsWith(call(video, controller.signal), reason);
      await video.close();
    });
  }

  it("ends opening with the very reason, and closes what was opened meanwhile", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const controller = new AbortController();
      const opening = client.openVideo(plain.path(), { signal: controller.signal });
      opening.catch(() => undefined);
      for (let i = 0; i < turns; i++) await turn();
      controller.abort(reason);
      const outcome = await opening.then(
        (video) => video.close(),
        (error: unknown) => error,
      );
      assert.ok(outcome === undefined || outcome === reason);
    }
    await rejectsWith(client.openVideo(plain.path(), { signal: AbortSignal.abort(reason) }), reason);
  });
});
