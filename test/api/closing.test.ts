import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { DecoderPool, type FramepoolError, type VideoDecoder } from "../../src/index.js";
import { plain, slow, sound as soundClip } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

type Call = (video: VideoDecoder) => Promise<unknown>;

/** Every call that can fail by itself. */
const calls: Readonly<Record<string, Call>> = {
  getFrameAt: (video) => video.getFrameAt(-1),
  getFramesAt: (video) => video.getFramesAt([0, -1]),
  getFramesInRange: (video) => video.getFramesInRange(0, video.length, { step: 100 }),
  getFramePlayedAt: (video) => video.getFramePlayedAt(video.metadata.endStreamSeconds! - 0.01),
  getFramesPlayedAt: (video) => video.getFramesPlayedAt([0, video.metadata.endStreamSeconds! - 0.01]),
  getFramesPlayedInRange: (video) => video.getFramesPlayedInRange(0, video.metadata.endStreamSeconds!, { fps: 1 }),
  getAllFrames: (video) => video.getAllFrames({ fps: 1 }),
  frames: (video) => collect(video.frames({ step: 300 })),
  "for await": (video) => collect(video),
};

interface State {
  readonly name: string;
  /** Brings a decoder there; `pending` is what was under way. */
  readonly reach: (video: VideoDecoder, pool: DecoderPool) => Promise<unknown>;
  readonly message: RegExp;
}

const states: readonly State[] = [
  { name: "closed", reach: (video) => video.close(), message: /: the decoder is closed$/ },
  { name: "disposed", reach: (video) => video[Symbol.asyncDispose](), message: /: the decoder is closed$/ },
  {
    name: "closed while decoding",
    reach: async (video) => {
      const pending = video.getFrameAt(-1);
      pending.catch(() => undefined);
      await turn();
      await video.close();
      await rejection(pending, "E_CLOSED");
    },
    message: /: the decoder is closed$/,
  },
  { name: "of a closed pool", reach: (_, pool) => pool.close(), message: /the pool is closed$/ },
];

for (const { name, reach, message } of states) {
  describe(`a decoder that is ${name}`, () => {
    for (const [method, call] of Object.entries(calls)) {
      it(`refuses ${method}: E_CLOSED`, async () => {
        const pool = testPool();
        const video = await pool.openVideo(name === "closed while decoding" ? slow.path() : plain.path());
        await reach(video, pool);
        const error = await rejection(call(video), "E_CLOSED");
        assert.match(error.message, message);
      });
    }

    it("keeps its metadata, and closing it again is harmless", async () => {
      const pool = testPool();
      const video = await pool.openVideo(name === "closed while decoding" ? slow.path() : plain.path());
      const { numFrames } = video.metadata;
      await reach(video, pool);
      assert.ok(video.length === numFrames && numFrames > 0);
      assert.equal(video.metadata.numFrames, numFrames);
      await Promise.all([video.close(), video.close()]);
      await video[Symbol.asyncDispose]();
    });
  });
}

describe("closing a decoder", () => {
  const pool = testPool({ workers: 1 });

  for (const [method, call] of Object.entries(calls)) {
    it(`ends ${method} under way with E_CLOSED, and the worker is free`, async () => {
      const video = await pool.openVideo(slow.path());
      const pending = call(video);
      pending.catch(() => undefined);
      await turn();
      await video.close();
      const error = await rejection(pending, "E_CLOSED");
      assert.equal(error.source, slow.path());
      const other = await pool.openVideo(plain.path());
      assert.equal((await other.getFrameAt(1)).index, 1);
      await other.close();
    });
  }

  it("leaves other decoders of the same file alone", async () => {
    const [a, b] = [await pool.openVideo(plain.path()), await pool.openVideo(plain.path())];
    await a.close();
    await a.close();
    assert.equal((await b.getAllFrames()).length, plain.frames);
    await b.close();
    await rejection(b.getFrameAt(0), "E_CLOSED");
  });

  it("leaves frames and batches alone", async () => {
    const video = await pool.openVideo(plain.path());
    const frame = await video.getFrameAt(2);
    const batch = await video.getFramesAt([2, 3]);
    await video.close();
    assert.deepEqual(frame.data, batch.frame(0).data);
  });

  it("refuses the list of key frames too", async () => {
    const video = await pool.openVideo(plain.path());
    await video.close();
    await rejection(video.keyFrameIndices(), "E_CLOSED");
  });
});

describe("closing a pool", () => {
  it("ends everything under way with E_CLOSED: running, waiting, opening, looping, extracting", async () => {
    const pool = new DecoderPool({ workers: 1 });
    const video = await pool.openVideo(slow.path());
    const extracted: unknown[] = [];
    const extraction = (async () => {
      for await (const { error } of pool.extract([
        { source: slow.path(), indices: [-1] },
        { source: plain.path(), count: 1 },
      ])) {
        extracted.push(error?.code);
      }
    })();
    const pending = [video.getFrameAt(-1), video.getFrameAt(0), pool.openVideo(plain.path()), collect(video.frames())];
    const outcomes = Promise.allSettled(pending);
    await turn();
    await pool.close();
    for (const outcome of await outcomes) {
      assert.ok(outcome.status === "rejected");
      assert.equal((outcome.reason as FramepoolError).code, "E_CLOSED");
    }
    await extraction;
    assert.deepEqual(extracted, ["E_CLOSED", "E_CLOSED"]);
    await rejection(pool.openVideo(plain.path()), "E_CLOSED");
    const [late] = await collect(pool.extract([{ source: plain.path(), count: 1 }]));
    assert.equal(late?.error?.code, "E_CLOSED");
  });

  it("is harmless twice, at once or later, and before anything was done", async () => {
    const pool = new DecoderPool({ workers: 2 });
    await Promise.all([pool.close(), pool.close()]);
    await pool.close();
    await pool[Symbol.asyncDispose]();
    const used = new DecoderPool({ workers: 2 });
    await (await used.openVideo(plain.path())).getFrameAt(0);
    await used[Symbol.asyncDispose]();
    await used.close();
  });

  it("leaves frames and batches alone", async () => {
    const pool = new DecoderPool({ workers: 1 });
    const video = await pool.openVideo(plain.path());
    const [frame, batch] = [await video.getFrameAt(2), await video.getFramesAt([2])];
    await pool.close();
    assert.deepEqual(frame.data, batch.data);
    batch.release();
    frame.release();
  });

  it("does not touch another pool", async () => {
    const [a, b] = [new DecoderPool({ workers: 1 }), testPool({ workers: 1 })];
    const video = await b.openVideo(plain.path());
    await (await a.openVideo(plain.path())).getFrameAt(0);
    await a.close();
    assert.equal((await video.getFrameAt(0)).index, 0);
  });

  it("says how many workers it has", () => {
    assert.equal(testPool({ workers: 3 }).workers, 3);
    assert.ok(testPool({}).workers >= 1);
  });
});

describe("closing", () => {
  it("a pool twice at once, while it decodes, settles both times", async () => {
    const pool = testPool({ workers: 1 });
    const video = await pool.openVideo(slow.path());
    const pending = rejection(video.getAllFrames(), "E_CLOSED");
    await turn();
    await Promise.all([pool.close(), pool.close(), pool[Symbol.asyncDispose]()]);
    await pool.close();
    await pending;
  });

  it("a decoder does not wait for another file's decoding", async () => {
    const pool = testPool({ workers: 1 });
    const [video, sound, other] = await Promise.all([
      pool.openVideo(plain.path()),
      pool.openAudio(soundClip()),
      pool.openVideo(slow.path()),
    ]);
    await video.getFrameAt(0);
    let isBusy = true;
    const busy = other.getFrameAt(-1).then(() => (isBusy = false));
    await Promise.all([video.close(), video.close(), sound.close(), sound.close()]);
    assert.ok(isBusy, "the other file is still being decoded");
    await busy;
  });
});
