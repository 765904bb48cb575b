import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AudioClipLoader } from "../../src/loader/index.js";
import { cached, ffmpeg } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { type Rows, assertPart, assertSame, rowsOf, sounds } from "./support/sound.js";
import { connected } from "./support/user-thread.js";

const rate = 8000;

/** A second of sound, `gap` seconds of nothing, and a second of sound. */
function withGap(gap: number): string {
  const source = sounds("two.wav", ["-c:a", "pcm_f32le"], { seconds: 2, rate });
  const options = ["-af", `asetnsamples=800,asetpts=PTS+gte(T\\,1)*${gap}/TB`, "-c:a", "pcm_f32le"];
  return cached(`gap-${gap}.mkv`, [source, ...options], (path) => ffmpeg(["-i", source, ...options, path]));
}

/** The whole with its gap, put together by hand. */
function filled(whole: Rows, gapSeconds: number): Rows {
  const length = whole.length + gapSeconds * rate;
  const data = new Float32Array(whole.channels * length);
  for (let channel = 0; channel < whole.channels; channel++) {
    const row = whole.data.subarray(channel * whole.length, (channel + 1) * whole.length);
    data.set(row.subarray(0, rate), channel * length);
    data.set(row.subarray(rate), channel * length + rate + gapSeconds * rate);
  }
  return { channels: whole.channels, length, data };
}

describe("sound with fillGaps", () => {
  const pool = testPool();

  it("is silent where the clock jumps, in the whole, in windows in any order and in chunks", async () => {
    for (const place of [pool, connected(pool)]) {
      const plain = await pool.openAudio(withGap(2));
      const expected = filled(rowsOf(await plain.getAllSamples()), 2);
      const audio = await place.openAudio(withGap(2), { fillGaps: true });
      assertSame(rowsOf(await audio.getAllSamples()), expected, "all");
      const windows = [
        [0.5, 1.5],
        [2, 3.25],
        [1.5, 2.5],
        [2.5, 2.6],
        [0.9, 3.1],
        [3, 4],
        [0, 0.5],
        [1, 3],
      ] as const;
      for (const [start, stop] of windows) {
        const samples = await audio.getSamplesPlayedInRange(start, stop);
        assert.equal(samples.shape[1], Math.round((stop - start) * rate), `from ${start} to ${stop}`);
        assert.ok(Math.abs(samples.ptsSeconds - start) < 1e-9);
        assertPart(rowsOf(samples), expected, Math.round(start * rate), `from ${start} to ${stop}`);
      }
      let length = 0;
      for await (const chunk of audio.samples({ chunkSeconds: 0.3 })) {
        assertPart(rowsOf(chunk), expected, length, "chunk");
        length += chunk.shape[1];
      }
      assert.equal(length, expected.length);
    }
  });

  it("keeps its length at another rate, and ends where the sound ends", async () => {
    const audio = await pool.openAudio(withGap(2), { fillGaps: true, sampleRate: 16000, numChannels: 1 });
    assert.equal((await audio.getSamplesPlayedInRange(0.5, 3.5)).shape[1], 3 * 16000);
    assert.equal((await audio.getSamplesPlayedInRange(3.5, 9)).shape[1], 8000);
    await rejection(audio.getSamplesPlayedInRange(4.01), "E_OUT_OF_RANGE");
  });

  it("is off unless it is asked for, and is bounded as all output is", async () => {
    const small = testPool({ workers: 1, limits: { maxOutputBytes: 2 ** 20 } });
    const far = withGap(3600);
    assert.equal((await (await small.openAudio(far)).getAllSamples()).shape[1], 2 * rate);
    const audio = await small.openAudio(far, { fillGaps: true });
    await rejection(audio.getAllSamples(), "E_LIMIT");
    assert.equal((await audio.getSamplesPlayedInRange(3600.5, 3601.5)).shape[1], rate);
    await assert.rejects(pool.openAudio(far, { fillGaps: "yes" as never }), /options\.fillGaps/);
  });

  it("fills a data set's clips", async () => {
    const options = { pool, items: [withGap(2)], sampleRate: rate, numChannels: 2, batchSize: 4 };
    const sampler = { type: "regularTimestamps", secondsBetweenClipStarts: 1, secondsPerClip: 1 } as const;
    const [clips] = await collect(new AudioClipLoader({ ...options, sampler, fillGaps: true }));
    assert.deepEqual([...(clips?.numSamples ?? [])], [rate, rate, rate, rate]);
    const quiet = clips!.data.subarray(2 * rate, 4 * rate);
    assert.ok(quiet.every((sample) => sample === 0));
    assert.ok(clips!.data.subarray(6 * rate).some((sample) => sample !== 0));
  });
});
