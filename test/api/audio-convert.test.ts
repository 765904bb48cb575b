import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { FramepoolTypeError } from "../../src/index.js";
import { cached, ffmpeg } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { assertLikeFfmpeg, assertPart, assertSame, assertSlices, ffmpegRows, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();

const sources: Readonly<Record<string, readonly [path: string, rate: number]>> = {
  WAV: [sounds("convert.wav", ["-c:a", "pcm_s16le"], { seconds: 3, rate: 44100 }), 44100],
  AAC: [sounds("convert.m4a", ["-c:a", "aac"], { seconds: 3, rate: 48000 }), 48000],
  FLAC: [sounds("convert.flac", ["-c:a", "flac"], { seconds: 4, rate: 32000 }), 32000],
};

describe("sound at another rate", () => {
  for (const [name, [path, own]] of Object.entries(sources)) {
    for (const sampleRate of [8000, 16000, 22050, 44100, 47999, 96000]) {
      if (sampleRate === own) continue;
      it(`${name} at ${sampleRate} is FFmpeg's, and every range a slice of the whole`, async () => {
        const audio = await pool.openAudio(path, { sampleRate });
        const all = await audio.getAllSamples();
        assert.deepEqual([audio.sampleRate, all.sampleRate, audio.metadata.sampleRate], [sampleRate, sampleRate, own]);
        // The last packet's padding, and as long as the filter reaches.
        const like = name === "AAC" ? { end: Math.ceil((1024 / own) * sampleRate) + 64 } : { isLossless: true };
        await assertLikeFfmpeg(rowsOf(all), ffmpegRows(path, 2, ["-ar", String(sampleRate)]), "the whole", like);
        await assertSlices(audio, "resampled");
        let length = 0;
        for await (const chunk of audio.samples({ chunkSeconds: 0.11 })) {
          assertPart(rowsOf(chunk), rowsOf(all), length, "chunk");
          length += chunk.shape[1];
        }
        assert.equal(length, all.shape[1]);
        await audio.close();
      });
    }
  }

  it("keeps its phase over a gap", async () => {
    const source = sounds("holes.wav", ["-c:a", "pcm_s16le"], { seconds: 4, rate: 44100 });
    const options = ["-af", "asetnsamples=n=1000:p=0,asetpts=PTS+gte(T\\,1)*0.7/TB", "-c:a", "pcm_s16le"];
    const path = cached("holes.mkv", [source, ...options], (target) => ffmpeg(["-i", source, ...options, target]));
    const audio = await pool.openAudio(path, { sampleRate: 16000 });
    const whole = rowsOf(await audio.getAllSamples());
    // From the back: each range is reached in another way.
    let end = whole.length;
    for (const start of [4.2, 2.3, 1.8, 1.2, 0.9, 0]) {
      const part = rowsOf(await audio.getSamplesPlayedInRange(start, start + 0.5));
      const place = start < 1 ? Math.round(start * 16000) : whole.length - Math.round((4.7 - start) * 16000);
      const found = [-24, 24].map((by) => place + by);
      const at = Array.from({ length: found[1]! - found[0]! }, (_, i) => found[0]! + i).find(
        (offset) => offset >= 0 && part.data.subarray(0, 200).every((sample, i) => sample === whole.data[offset + i]),
      );
      if (start === 1.2) {
        assert.equal(part.length, 0, "the gap");
        continue;
      }
      assert.ok(at !== undefined && at < end, `from ${start}`);
      assertPart(part, whole, at, `from ${start}`);
      end = at;
    }
  });
});

describe("sound of other channels", () => {
  const [path] = sources["WAV"]!;

  it("is mixed as FFmpeg mixes", async () => {
    for (const numChannels of [1, 6]) {
      const audio = await pool.openAudio(path, { numChannels });
      const all = await audio.getAllSamples();
      assert.deepEqual([audio.numChannels, all.shape[0], audio.metadata.numChannels], [numChannels, numChannels, 2]);
      assertSame(rowsOf(all), ffmpegRows(path, numChannels, ["-ac", String(numChannels)]), `${numChannels} channels`);
    }
    const surround = sounds("surround.wav", ["-c:a", "pcm_s16le"], { channels: 6, seconds: 1 });
    const audio = await pool.openAudio(surround, { numChannels: 2, sampleRate: 16000 });
    const expected = ffmpegRows(surround, 2, ["-ac", "2", "-ar", "16000"]);
    assertSame(rowsOf(await audio.getAllSamples()), expected, "six to two");
  });

  it("stays as it is where nothing is to be mixed, and says what cannot be", async () => {
    const odd = sounds("eleven.wav", ["-c:a", "pcm_s16le"], { channels: 11, seconds: 1 });
    const whole = rowsOf(await (await pool.openAudio(odd)).getAllSamples());
    const same = await pool.openAudio(odd, { numChannels: 11 });
    assertSame(rowsOf(await same.getAllSamples()), whole, "eleven");
    const error = await rejection(pool.openAudio(path, { numChannels: 15 }), "E_CONVERSION");
    assert.match(error.message, /cannot convert 2 channels at 44100 Hz to 15/);
    for (const options of [
      { numChannels: 0 },
      { numChannels: 1.5 },
      { sampleRate: -1 },
      { sampleRate: 2e6 },
      { seekMode: "fast" },
    ]) {
      await assert.rejects(pool.openAudio(path, options as object), FramepoolTypeError);
    }
  });
});

describe("a stream that changes on the way", () => {
  it("goes on in the rate and the channels that it began with", async () => {
    const parts = [
      sounds("first.aac", ["-c:a", "aac"], { seconds: 1, rate: 44100, channels: 2 }),
      sounds("second.aac", ["-c:a", "aac"], { seconds: 1, rate: 22050, channels: 1 }),
    ];
    const path = cached("changes.aac", parts, (target) => {
      writeFileSync(target, Buffer.concat(parts.map((part) => ffmpeg(["-i", part, "-c", "copy", "-f", "adts", "-"]))));
    });
    const audio = await pool.openAudio(path);
    const all = await audio.getAllSamples();
    assert.equal(all.sampleRate, 44100);
    const [first, second] = await Promise.all(
      parts.map(
        async (part) => await (await pool.openAudio(part, { sampleRate: 44100, numChannels: 2 })).getAllSamples(),
      ),
    );
    assert.ok(first !== undefined && second !== undefined);
    const { channels, data, length } = rowsOf(all);
    assert.equal(channels, 2);
    assert.ok(Math.abs(length - first.shape[1] - second.shape[1]) < 2000, String(length));
    assertPart(rowsOf(first), rowsOf(all), 0, "the first part");
    // The second tone is there, at its own pitch: one channel, twice.
    const left = data.subarray(length - 20000, length - 10000);
    const right = data.subarray(2 * length - 20000, 2 * length - 10000);
    assert.deepEqual(left, right);
    const wanted = second.data.subarray(second.shape[1] - 20000, second.shape[1] - 10000);
    const energy = (samples: Float32Array): number => samples.reduce((sum, sample) => sum + sample * sample, 0);
    assert.ok(Math.abs(energy(left) / energy(wanted) - 1) < 0.1);
  });
});
