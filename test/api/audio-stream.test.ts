import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FramepoolTypeError } from "../../src/index.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { assertPart, rowsOf, sounds } from "./support/sound.js";

const reason = { why: "enough" };
const long = (): string => sounds("long.m4a", ["-c:a", "aac"], { seconds: 300 });

describe("samples()", () => {
  const pool = testPool();

  it("gives the whole in chunks of the length asked for", async () => {
    const path = sounds("chunks.m4a", ["-c:a", "aac"], { seconds: 5 });
    const audio = await pool.openAudio(path);
    const all = await audio.getAllSamples();
    for (const chunkSeconds of [undefined, 0.25, 1 / 3, 100]) {
      const length = Math.round((chunkSeconds ?? 1) * 44100);
      let place = 0;
      for await (const chunk of audio.samples({ chunkSeconds })) {
        assert.equal(chunk.shape[1], Math.min(length, all.shape[1] - place));
        assert.ok(Math.abs(chunk.ptsSeconds - (all.ptsSeconds + place / 44100)) < 1e-9);
        assertPart(rowsOf(chunk), rowsOf(all), place, `chunks of ${chunkSeconds}`);
        place += chunk.shape[1];
        if (place % 2 === 0) chunk.release();
      }
      assert.equal(place, all.shape[1]);
    }
    for (const chunkSeconds of [0, -1, NaN, "1"]) {
      assert.throws(() => audio.samples({ chunkSeconds: chunkSeconds as number }), FramepoolTypeError);
    }
  });

  it("can be left, and two can run side by side", async () => {
    const audio = await pool.openAudio(long());
    for await (const chunk of audio) {
      assert.equal(chunk.shape[1], 44100);
      break;
    }
    const [a, b] = [audio.samples({ chunkSeconds: 0.5 }), audio.samples({ chunkSeconds: 0.5 })];
    for (let i = 0; i < 6; i++) {
      const [x, y] = [await a.next(), await b.next()];
      assert.ok(x.done !== true && y.done !== true);
      assert.deepEqual(x.value.data, y.value.data);
      assert.equal(x.value.ptsSeconds, y.value.ptsSeconds);
    }
    await a.return();
    await b.return();
  });

  it("of a file of any length takes the memory of a few chunks", async () => {
    const audio = await pool.openAudio(long());
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let [length, most] = [0, 0];
    for await (const chunk of audio.samples()) {
      length += chunk.shape[1];
      chunk.release();
      most = Math.max(most, process.memoryUsage.rss() - before);
    }
    assert.ok(length >= 300 * 44100);
    // The whole takes 106 MB.
    assert.ok(most < 40e6, `${most} bytes more`);
  });

  it("tells a consumer that stops for a while nothing wrong", async () => {
    const audio = await pool.openAudio(sounds("chunks.m4a", ["-c:a", "aac"], { seconds: 5 }));
    const whole = rowsOf(await audio.getAllSamples());
    let place = 0;
    for await (const chunk of audio.samples()) {
      // Others use the same reader meanwhile.
      await Promise.all([audio.getSamplesPlayedInRange(3, 3.1), audio.getSamplesPlayedInRange(0, 0.1), sleep(1)]);
      assertPart(rowsOf(chunk), whole, place, "chunk");
      place += chunk.shape[1];
    }
    assert.equal(place, whole.length);
  });
});

describe("a signal, close() and limits", () => {
  it("end opening, calls and loops with the signal's reason", async () => {
    const pool = testPool({ workers: 1 });
    const signal = AbortSignal.abort(reason);
    await rejectsWith(pool.openAudio(long(), { signal }), reason);
    const audio = await pool.openAudio(long());
    await rejectsWith(audio.getAllSamples({ signal }), reason);
    await rejectsWith(audio.getSamplesPlayedInRange(0, 0, { signal }), reason);
    await rejectsWith(audio.samples({ signal }).next(), reason);
    const controller = new AbortController();
    const call = audio.getAllSamples({ signal: controller.signal });
    const loop = audio.samples({ signal: controller.signal });
    const first = await loop.next().then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.equal(first, undefined);
    await call;
    const second = audio.getAllSamples({ signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await rejectsWith(second, reason);
    await rejectsWith(loop.next(), reason);
    assert.equal((await audio.getSamplesPlayedInRange(1, 2)).shape[1], 44100, "the worker goes on");
  });

  it("close() ends what is under way", async () => {
    const pool = testPool({ workers: 1 });
    const audio = await pool.openAudio(long());
    const call = audio.getAllSamples();
    const ended = rejection(call, "E_CLOSED");
    await audio.close();
    await ended;
  });

  it("more samples than a call may give are refused and can be had in chunks", async () => {
    const limit = 44100 * 2 * 4;
    const pool = testPool({ workers: 1, limits: { maxOutputBytes: limit } });
    const audio = await pool.openAudio(long());
    const error = await rejection(audio.getAllSamples(), "E_LIMIT");
    assert.match(error.message, /limits\.maxOutputBytes.*samples\(\)/);
    await rejection(audio.getSamplesPlayedInRange(0, 1 + 1 / 44100), "E_LIMIT");
    assert.equal((await audio.getSamplesPlayedInRange(0, 1)).shape[1], 44100);
    const { value } = await audio.samples({ chunkSeconds: 1 }).next();
    assert.equal(value?.shape[1], 44100);
  });
});
