import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { AudioDecoder, AudioSamples, FramepoolTypeError } from "../../src/index.js";
import { cached, ffmpeg } from "./support/ffmpeg.js";
import { table, withContents } from "./support/mp4.js";
import { rejection, testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { assertPart, assertSame, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();
const rate = 8000;
const wav = (): string => sounds("plain.wav", ["-c:a", "pcm_f32le"], { seconds: 1, channels: 2, rate });

describe("a range of sound", () => {
  it("is half-open: ranges that meet neither lose nor repeat a sample", async () => {
    const audio = await pool.openAudio(wav());
    const whole = rowsOf(await audio.getAllSamples());
    // Times that lie on samples, between them, and half-way between two.
    const times = [0, 0.01, 0.0100624, 0.0100625, 0.0100626, 1 / 3, 0.5 + 0.5 / rate, 0.7, 0.99999, 1];
    let place = 0;
    for (const [i, start] of times.slice(0, -1).entries()) {
      const part = await audio.getSamplesPlayedInRange(start, times[i + 1]);
      assert.equal(part.ptsSeconds, part.shape[1] === 0 ? start : place / rate);
      assert.equal(part.durationSeconds, part.shape[1] / rate);
      assertPart(rowsOf(part), whole, place, `from ${start}`);
      place += part.shape[1];
    }
    assert.equal(place, whole.length);
  });

  it("is the same whatever was asked before, where edits of an MP4 show parts of packets", async () => {
    const whole = sounds("whole.m4a", ["-c:a", "alac"]);
    const path = cached("edits.m4a", [whole], (target) => {
      const all = 65536;
      const edits = table(2, ...[500, 20_000, all], ...[500, 60_000, all]);
      const bytes = withContents(readFileSync(whole), (type) => (type === "elst" ? edits : undefined));
      writeFileSync(target, bytes);
    });
    const audio = await pool.openAudio(path);
    const all = rowsOf(await audio.getAllSamples());
    const starts = range(0, 20).map((i) => i / 20);
    for (const start of [...starts.toReversed(), ...shuffled(starts)]) {
      const part = rowsOf(await audio.getSamplesPlayedInRange(start, start + 0.05));
      assertPart(part, all, Math.round(start * 44_100), `from ${start}`);
    }
    await audio.close();
  });

  it("rounds a half up", async () => {
    const audio = await pool.openAudio(wav());
    const { shape, ptsSeconds } = await audio.getSamplesPlayedInRange(2.5 / rate, 4.5 / rate);
    assert.deepEqual([shape, ptsSeconds], [[2, 2], 3 / rate]);
    assert.equal((await audio.getSamplesPlayedInRange(2.49 / rate, 4.49 / rate)).ptsSeconds, 2 / rate);
  });

  it("goes from the begin, to the end, and over both", async () => {
    const audio = await pool.openAudio(wav());
    const whole = rowsOf(await audio.getAllSamples());
    assertSame(rowsOf(await audio.getSamplesPlayedInRange()), whole, "without bounds");
    assertSame(rowsOf(await audio.getSamplesPlayedInRange(-3, 100)), whole, "beyond both ends");
    const tail = await audio.getSamplesPlayedInRange(0.75);
    assertPart(rowsOf(tail), whole, 0.75 * rate, "the tail");
    assert.equal(tail.shape[1], 0.25 * rate);
  });

  it("of no length has the channels and no samples", async () => {
    const audio = await pool.openAudio(wav());
    for (const time of [0, 0.5, 77]) {
      const none = await audio.getSamplesPlayedInRange(time, time);
      assert.deepEqual([none.shape, none.data.length, none.ptsSeconds, none.durationSeconds], [[2, 0], 0, time, 0]);
    }
    assert.deepEqual((await audio.getSamplesPlayedInRange(0.5, 0.5 + 0.1 / rate)).shape, [2, 0], "between two samples");
  });

  it("that holds nothing is out of range, one that ends before it starts is misuse", async () => {
    const audio = await pool.openAudio(wav());
    assert.match(
      (await rejection(audio.getSamplesPlayedInRange(1), "E_OUT_OF_RANGE")).message,
      /plain\.wav: the sound ends before 1 s/,
    );
    await rejection(audio.getSamplesPlayedInRange(1, 2), "E_OUT_OF_RANGE");
    await rejection(audio.getSamplesPlayedInRange(-2, -1), "E_OUT_OF_RANGE");
    assert.equal((await audio.getSamplesPlayedInRange(1 - 1 / rate)).shape[1], 1);
    const misuse: readonly (readonly [unknown, unknown])[] = [
      [0.5, 0.4],
      [NaN, 1],
      ["0", 1],
      [0, Infinity],
      [0, null],
    ];
    for (const [start, stop] of misuse) {
      await assert.rejects(audio.getSamplesPlayedInRange(start as number, stop as number), FramepoolTypeError);
    }
    await assert.rejects(audio.getSamplesPlayedInRange(0, 1, { chunkSeconds: 1 } as object), FramepoolTypeError);
  });

  it("is on the file's clock: sound that begins late has no samples before", async () => {
    const late = sounds("late.mkv", ["-c:a", "pcm_f32le", "-output_ts_offset", "5"], { seconds: 1, rate });
    const audio = await pool.openAudio(late);
    const all = await audio.getAllSamples();
    assert.equal(all.ptsSeconds, 5);
    assert.equal(audio.metadata.beginStreamSeconds, 5);
    const part = await audio.getSamplesPlayedInRange(0, 5.25);
    assert.deepEqual([part.ptsSeconds, part.shape[1]], [5, 0.25 * rate]);
    await rejection(audio.getSamplesPlayedInRange(0, 4.9), "E_OUT_OF_RANGE");
  });

  it("follows the clock over a gap in the file", async () => {
    const audio = await pool.openAudio(withGap());
    const all = await audio.getAllSamples();
    const whole = rowsOf(all);
    assert.equal(whole.length, 2 * rate, "the gap is not filled");
    const before = await audio.getSamplesPlayedInRange(0.5, 1.5);
    assert.deepEqual([before.ptsSeconds, before.shape[1]], [0.5, rate / 2]);
    const behind = await audio.getSamplesPlayedInRange(2, 3.25);
    assert.ok(Math.abs(behind.ptsSeconds - 3) < 0.001);
    assert.equal(behind.shape[1], rate / 4);
    assertPart(rowsOf(behind), whole, rate, "behind the gap");
    assert.deepEqual((await audio.getSamplesPlayedInRange(1.5, 2.5)).shape, [2, 0], "in the gap");
    await rejection(audio.getSamplesPlayedInRange(4.01), "E_OUT_OF_RANGE");
    let length = 0;
    for await (const chunk of audio.samples({ chunkSeconds: 0.1 })) {
      assertPart(rowsOf(chunk), whole, length, "chunk");
      length += chunk.shape[1];
    }
    assert.equal(length, whole.length);
  });
});

/** One second of sound, two seconds of nothing, and one of sound. */
function withGap(): string {
  const source = sounds("two.wav", ["-c:a", "pcm_f32le"], { seconds: 2, rate });
  const options = ["-af", "asetnsamples=800,asetpts=PTS+gte(T\\,1)*2/TB", "-c:a", "pcm_f32le"];
  return cached("gap.mkv", [source, ...options], (path) => ffmpeg(["-i", source, ...options, path]));
}

describe("an audio decoder", () => {
  it("takes a path, a URL and bytes", async () => {
    const expected = rowsOf(await (await pool.openAudio(wav())).getAllSamples());
    for (const source of [pathToFileURL(wav()), readFileSync(wav())]) {
      const audio = await AudioDecoder.open(source);
      const all = await audio.getAllSamples();
      assert.ok(all instanceof AudioSamples);
      assertSame(rowsOf(all), expected, String(source).slice(0, 20));
      await audio.close();
    }
  });

  it("says what the stream is", async () => {
    const { metadata } = await pool.openAudio(wav());
    assert.deepEqual(metadata, {
      codec: "pcm_f32le",
      sampleRate: rate,
      numChannels: 2,
      channelLayout: "stereo",
      sampleFormat: "flt",
      durationSeconds: 1,
      durationSecondsFromHeader: 1,
      beginStreamSeconds: 0,
      beginStreamSecondsFromHeader: null,
      endStreamSeconds: 1,
      bitRate: rate * 2 * 32,
      streamIndex: 0,
      container: "wav",
      containerDurationSeconds: 1,
      timeBase: { num: 1, den: rate },
    });
  });

  it("lets samples go when they are released", async () => {
    const audio = await pool.openAudio(wav());
    const samples = await audio.getSamplesPlayedInRange(0, 0.5);
    assert.equal(samples.data, samples.data);
    samples.release();
    samples.release();
    assert.throws(() => samples.data, { code: "E_CLOSED" });
    assert.deepEqual(samples.shape, [2, rate / 2]);
  });

  it("ends with close()", async () => {
    const audio = await pool.openAudio(wav());
    const kept = await audio.getAllSamples();
    await audio.close();
    await audio.close();
    await rejection(audio.getAllSamples(), "E_CLOSED");
    await rejection(audio.getSamplesPlayedInRange(0, 0), "E_CLOSED");
    await rejection(audio.samples().next(), "E_CLOSED");
    assert.equal(kept.data.length, 2 * rate);
  });
});
