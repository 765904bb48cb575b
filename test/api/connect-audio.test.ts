import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import {
  type AudioDecoder,
  AudioDecoder as Decoder,
  type ErrorCode,
  FramepoolTypeError,
  connect,
  expose,
} from "../../src/index.js";
import { errorFields } from "./support/answers.js";
import { plain } from "./support/clips.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { asyncSource } from "./support/readable-sources.js";
import { collect } from "./support/sequences.js";
import { assertSame, assertSlices, rowsOf, sounds } from "./support/sound.js";
import { connected } from "./support/user-thread.js";

const reason = { why: "enough" };
const aac = (): string => sounds("connected.m4a", ["-c:a", "aac"], { seconds: 5 });
const long = (): string => sounds("long.m4a", ["-c:a", "aac"], { seconds: 300 });

const calls: Readonly<Record<string, (audio: AudioDecoder, options: { signal?: AbortSignal }) => Promise<unknown>>> = {
  getAllSamples: (audio, options) => audio.getAllSamples(options),
  getSamplesPlayedInRange: (audio, options) => audio.getSamplesPlayedInRange(250, 299, options),
  samples: (audio, options) => collect(audio.samples(options)),
};

describe("sound on a connected pool", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);

  it("is what the pool gives, from a file and from a source of the client's", async () => {
    const own = await pool.openAudio(aac());
    const whole = rowsOf(await own.getAllSamples());
    for (const source of [aac(), asyncSource(readFileSync(aac())), readFileSync(aac())]) {
      const audio = await client.openAudio(source);
      assert.ok(audio instanceof Decoder);
      assert.deepEqual(audio.metadata, own.metadata);
      assert.deepEqual([audio.sampleRate, audio.numChannels], [own.sampleRate, own.numChannels]);
      assertSame(rowsOf(await audio.getAllSamples()), whole, "all");
      await assertSlices(audio, "connected");
      const [chunks, expected] = [
        await collect(audio.samples({ chunkSeconds: 0.7 })),
        await collect(own.samples({ chunkSeconds: 0.7 })),
      ];
      assert.deepEqual(
        chunks.map(({ ptsSeconds, shape, data }) => ({ ptsSeconds, shape, data })),
        expected.map(({ ptsSeconds, shape, data }) => ({ ptsSeconds, shape, data })),
      );
      assert.deepEqual((await audio.getSamplesPlayedInRange(1, 1)).shape, [2, 0]);
      await audio.close();
    }
  });

  it("takes every option of a decoder", async () => {
    const options = { sampleRate: 16000, numChannels: 1, streamIndex: 0 };
    const [own, theirs] = [await pool.openAudio(aac(), options), await client.openAudio(aac(), options)];
    const [expected, part] = [await own.getSamplesPlayedInRange(3, 4), await theirs.getSamplesPlayedInRange(3, 4)];
    assertSame(rowsOf(part), rowsOf(expected), "converted");
    assert.deepEqual([part.sampleRate, part.ptsSeconds], [16000, expected.ptsSeconds]);
    const rough = await client.openAudio(aac(), { seekMode: "approximate" });
    assert.deepEqual((await rough.getSamplesPlayedInRange(3, 4)).shape, [2, 44100]);
  });

  it("gives released memory back", async () => {
    const audio = await connected(testPool({ workers: 1 })).openAudio(aac());
    const first = await audio.getSamplesPlayedInRange(0, 4);
    const old = new Float32Array(structuredClone(first.data.buffer));
    first.release();
    assert.throws(() => first.data, { code: "E_CLOSED" });
    const second = await audio.getSamplesPlayedInRange(0, 4);
    old[0] = 123;
    assert.equal(second.data[0], 123);
  });

  it("can be left in the middle of a stream", async () => {
    const audio = await client.openAudio(long());
    for await (const chunk of audio) {
      assert.equal(chunk.shape[1], 44100);
      break;
    }
    assert.equal((await audio.getSamplesPlayedInRange(1, 2)).shape[1], 44100);
  });

  const errors: Readonly<Record<string, [ErrorCode, (on: typeof pool) => Promise<unknown>]>> = {
    "no such file": ["E_NOT_FOUND", (on) => on.openAudio("nowhere.wav")],
    "no sound": ["E_NO_STREAM", (on) => on.openAudio(plain.path())],
    "too many channels": ["E_CONVERSION", (on) => on.openAudio(aac(), { numChannels: 64 })],
    "beyond the end": ["E_OUT_OF_RANGE", async (on) => (await on.openAudio(aac())).getSamplesPlayedInRange(60, 70)],
    "before the begin": ["E_OUT_OF_RANGE", async (on) => (await on.openAudio(aac())).getSamplesPlayedInRange(-9, -8)],
  };
  for (const [name, [code, call]] of Object.entries(errors)) {
    it(`says what the pool says: ${name}, ${code}`, async () => {
      const expected = await rejection(call(pool), code);
      assert.deepEqual(errorFields(await rejection(call(client), code)), errorFields(expected));
    });
  }

  it("says what the pool says of misuse", async () => {
    const audio = await client.openAudio(aac());
    for (const call of [
      () => client.openAudio(""),
      () => client.openAudio(aac(), { sampleRate: 0 }),
      () => audio.getSamplesPlayedInRange(2, 1),
    ]) {
      await assert.rejects(call, FramepoolTypeError);
    }
    assert.throws(() => audio.samples({ chunkSeconds: 0 }), FramepoolTypeError);
  });
});

describe("sound that is not wanted any more, on a connected pool", () => {
  // One worker: whoever comes next has to wait until it is free.
  const pool = testPool({ workers: 1 });
  const client = connected(pool);

  for (const [name, call] of Object.entries(calls)) {
    it(`${name} ends with the signal's very reason, and the decoder is usable`, async () => {
      const audio = await client.openAudio(long());
      const controller = new AbortController();
      const pending = call(audio, { signal: controller.signal });
      pending.catch(() => undefined);
      for (let i = 0; i < 5; i++) await turn();
      controller.abort(reason);
      await rejectsWith(pending, reason);
      assert.equal((await audio.getSamplesPlayedInRange(0, 1)).shape[1], 44100);
      await audio.close();
    });

    it(`${name} ends with E_CLOSED when its decoder is closed, and the worker is free`, async () => {
      const audio = await client.openAudio(long());
      const pending = call(audio, {});
      pending.catch(() => undefined);
      for (let i = 0; i < 3; i++) await turn();
      await audio.close();
      const error = await rejection(pending, "E_CLOSED");
      assert.equal(error.source, long());
      await rejection(call(audio, {}), "E_CLOSED");
      const other = await client.openVideo(plain.path());
      assert.equal((await other.getFrameAt(1)).index, 1);
      await other.close();
    });
  }

  it("ends with E_CLOSED when the connection does", async () => {
    const { port1, port2 } = new MessageChannel();
    expose(pool, port1);
    const far = connect(port2);
    const audio = await far.openAudio(long());
    const pending = Object.values(calls).map((call) => call(audio, {}));
    const outcomes = Promise.all(pending.map((call) => rejection(call, "E_CLOSED")));
    for (let i = 0; i < 3; i++) await turn();
    port1.close();
    await outcomes;
    await rejection(far.openAudio(long()), "E_CLOSED");
  });
});
