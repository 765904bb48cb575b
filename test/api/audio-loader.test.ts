import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { toNpy } from "../../src/adapters/index.js";
import { AudioClipLoader, type AudioClipLoaderOptions } from "../../src/loader/index.js";
import { temporaryFolder } from "./support/files.js";
import { type HeardClip, heard } from "./support/loader.js";
import { rejection, testPool } from "./support/pool.js";
import { type Rows, assertPart, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();
const folder = temporaryFolder();
const wav = sounds("loader.wav", ["-c:a", "pcm_s16le"], { seconds: 2, channels: 2, rate: 8000 });
const aac = sounds("loader.m4a", ["-c:a", "aac"], { seconds: 3, channels: 2, rate: 44100 });
const flac = sounds("loader.flac", ["-c:a", "flac"], { seconds: 2, channels: 1, rate: 16000 });
type Sampler = AudioClipLoaderOptions["sampler"];
const random: Sampler = { type: "randomTimestamps", secondsPerClip: 0.5 };
const output = { sampleRate: 8000, numChannels: 1 };

const starts = (clips: readonly HeardClip[]): unknown[] => clips.map(({ ptsSeconds }) => ptsSeconds);

suite("clips of sound", () => {
  for (const [name, path] of Object.entries({ wav, aac, flac })) {
    for (const [sampleRate, numChannels] of [
      [44100, 2],
      [8000, 2],
      [16000, 1],
    ] as const) {
      test(`are what a decoder gives: ${name} as ${String(numChannels)} channels at ${String(sampleRate)} Hz`, async () => {
        const audio = await pool.openAudio(path, { sampleRate, numChannels });
        const all = await audio.getAllSamples();
        const whole = rowsOf(all);
        const length = Math.round(0.3 * sampleRate);
        const loader = new AudioClipLoader({
          pool,
          items: [path, path, path],
          sampler: { type: "randomTimestamps", numClips: 3, secondsPerClip: 0.3 },
          batchSize: 4,
          sampleRate,
          numChannels,
        });
        let clips = 0;
        for await (const batch of loader) {
          assert.deepEqual(batch.shape, [batch.length, numChannels, length]);
          assert.equal(batch.sampleRate, sampleRate);
          assert.equal(batch.data.length, batch.length * numChannels * length);
          for (let i = 0; i < batch.length; i++) {
            const place = Math.round((batch.ptsSeconds[i]! - all.ptsSeconds) * sampleRate);
            const part: Rows = { channels: numChannels, length, data: batch.clip(i) };
            assertPart(part, whole, place, `clip at ${String(batch.ptsSeconds[i])}`);
            assert.equal(batch.numSamples[i], length);
          }
          assert.equal(toNpy(batch).length > batch.data.byteLength, true);
          clips += batch.length;
          batch.release();
          assert.throws(() => batch.data, { code: "E_CLOSED" });
        }
        assert.equal(clips, 9);
        await audio.close();
      });
    }
  }

  test("are drawn evenly: also the last sample and the first one are in some", async () => {
    // Clips that may start at five samples only.
    const sampler: Sampler = { type: "randomTimestamps", numClips: 200, secondsPerClip: 2 - 4 / 8000, seed: 1 };
    const places = starts(await heard(new AudioClipLoader({ pool, items: [wav], sampler, ...output })));
    const counts = [0, 1, 2, 3, 4].map((place) => places.filter((start) => start === place / 8000).length);
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      200,
    );
    assert.ok(Math.min(...counts) > 20, counts.join(" "));
  });

  test("of a regular sampler follow each other, the last one filled up with zeros where that is asked for", async () => {
    const regular: Sampler = { type: "regularTimestamps", secondsPerClip: 0.75, secondsBetweenClipStarts: 0.75 };
    const whole = rowsOf(await (await pool.openAudio(wav, output)).getAllSamples());
    const fitting = await heard(new AudioClipLoader({ pool, items: [wav], sampler: regular, ...output }));
    assert.deepEqual(starts(fitting), [0, 0.75]);
    const covering: Sampler = { ...regular, samplingRangeEnd: 1e9 };
    for (const batchSize of [1, 2, 7]) {
      const clips: HeardClip[] = await heard(
        new AudioClipLoader({ pool, items: [wav, wav], sampler: covering, batchSize, ...output }),
      );
      assert.deepEqual(starts(clips), [0, 0.75, 1.5, 0, 0.75, 1.5]);
      assert.deepEqual(
        clips.map(({ numSamples }) => numSamples),
        [6000, 6000, 4000, 6000, 6000, 4000],
      );
      clips.forEach(({ samples, numSamples }, i) => {
        assert.equal(samples.length, 6000);
        const part = { channels: 1, length: numSamples, data: samples.subarray(0, numSamples) };
        assertPart(part, whole, (i % 3) * 6000, `clip ${String(i)}`);
        assert.ok(samples.subarray(numSamples).every((sample) => sample === 0));
      });
    }
    const strict = new AudioClipLoader({ pool, items: [wav], sampler: { ...covering, policy: "error" }, ...output });
    await rejection(heard(strict), "E_OUT_OF_RANGE");
    const part: Sampler = { ...regular, samplingRangeStart: 0.25, samplingRangeEnd: 1.75 };
    const between = await heard(new AudioClipLoader({ pool, items: [wav], sampler: part, ...output }));
    assert.deepEqual(starts(between), [0.25, 1]);
  });

  test("of sound that is too short begin with it, zeros behind each channel, also in memory that was used before", async () => {
    const own = testPool({ workers: 1 });
    const options = { pool: own, sampleRate: 8000, numChannels: 2 };
    const long: Sampler = { type: "randomTimestamps", secondsPerClip: 3, seed: 1 };
    for await (const batch of new AudioClipLoader({ items: [aac], sampler: long, ...options })) {
      assert.equal(batch.numSamples[0], 24000);
      batch.release();
    }
    const whole = rowsOf(await (await own.openAudio(wav)).getAllSamples());
    for await (const batch of new AudioClipLoader({ items: [wav], sampler: long, ...options })) {
      assert.deepEqual([...batch.numSamples, ...batch.ptsSeconds], [16000, 0]);
      for (const channel of [0, 1]) {
        const row = batch.clip(-1).subarray(channel * 24000, (channel + 1) * 24000);
        assert.deepEqual(row.subarray(0, 16000), whole.data.subarray(channel * 16000, (channel + 1) * 16000));
        assert.ok(row.subarray(16000).every((sample) => sample === 0));
      }
    }
    const strict: Sampler = { ...long, policy: "error" };
    await rejection(heard(new AudioClipLoader({ items: [wav], sampler: strict, ...options })), "E_OUT_OF_RANGE");
  });
});

/** The samples that a FLAC's header says there are, of 32000: 0 is FLAC's way to say that nobody knows. */
function flacSaying(name: string, samples: number): string {
  const bytes = readFileSync(flac);
  // After the magic and the block's header: sizes, then 20 bits of rate, 3 of channels, 5 of depth, 36 of samples.
  const at = 4 + 4 + 10 + 3;
  bytes.writeUInt8(bytes.readUInt8(at) & 0xf0, at);
  bytes.writeUInt32BE(samples, at + 1);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

suite("a header that is wrong about the length", () => {
  for (const [name, samples] of [
    ["nothing", 0],
    ["too much", 320_000],
    ["a little too much", 32_400],
  ] as const) {
    // With this seed only the first clips of an item reach beyond the end: those that a resumed pass does not want again.
    test(`${name}: clips come from what there is, as many times as it is asked, and resumed`, async () => {
      const path = flacSaying(`${name}.flac`, samples);
      const sampler: Sampler = { type: "randomTimestamps", numClips: 6, secondsPerClip: 1.9, seed: 32 };
      const options = { pool, items: [path, path], sampler, sampleRate: 16000, numChannels: 1, batchSize: 2 };
      const whole = rowsOf(await (await pool.openAudio(flac)).getAllSamples());
      const loader = new AudioClipLoader(options);
      const clips = await heard(loader);
      assert.equal(clips.length, 12);
      for (const { ptsSeconds, numSamples, samples: data } of clips) {
        assert.equal(numSamples, 30_400);
        assertPart({ channels: 1, length: 30_400, data }, whole, Math.round(ptsSeconds * 16000), name);
      }
      for (const batches of [1, 2, 3, 4, 5]) {
        const begun = AudioClipLoader.from({ ...loader.state(), item: 0, clip: 0 }, options);
        const before = await heard(begun, batches);
        const after = await heard(AudioClipLoader.from(begun.state(), options));
        assert.deepEqual([...before, ...after], clips);
      }
    });
  }

  test("too little, or a range that only the header does not have", async () => {
    const path = flacSaying("short.flac", 8000);
    const sampler: Sampler = { ...random, samplingRangeStart: 1, numClips: 3 };
    const clips = await heard(new AudioClipLoader({ pool, items: [path], sampler, ...output }));
    assert.ok(clips.every(({ ptsSeconds, numSamples }) => ptsSeconds >= 1 && numSamples === 4000));
    const beyond: Sampler = { ...random, samplingRangeStart: 2 };
    const error = await rejection(
      heard(new AudioClipLoader({ pool, items: [path], sampler: beyond, ...output })),
      "E_OUT_OF_RANGE",
    );
    assert.match(error.message, /samplingRangeStart \(2 s\) is not before the end of the sound \(2 s\)/);
  });
});
