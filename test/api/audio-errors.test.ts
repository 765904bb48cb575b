import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FramepoolError } from "../../src/index.js";
import { plain, sound } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";
import { withSharedMedia } from "./support/shared-media.js";
import { assertPart, assertSame, ffmpegRows, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();

describe("a file without what is asked for", () => {
  it("has no audio stream, or another one at that index", async () => {
    assert.match(
      (await rejection(pool.openAudio(plain.path()), "E_NO_STREAM")).message,
      /there is no audio stream in it$/,
    );
    const notSound = await rejection(pool.openAudio(plain.path(), { streamIndex: 0 }), "E_NO_STREAM");
    assert.match(notSound.message, /stream 0 is not an audio stream$/);
    assert.match((await rejection(pool.openAudio(sound(), { streamIndex: 3 }), "E_NO_STREAM")).message, /no stream 3/);
    await rejection(pool.openAudio(new TextEncoder().encode("no sound")), "E_UNSUPPORTED_FORMAT");
    await rejection(pool.openAudio("nowhere.wav"), "E_NOT_FOUND");
  });

  it("has a stream and nothing in it", async () => {
    const empty = readFileSync(sounds("plain.wav", ["-c:a", "pcm_f32le"], { seconds: 1, channels: 2, rate: 8000 }));
    const data = empty.indexOf("data", 0, "latin1");
    empty.writeUInt32LE(0, data + 4);
    const audio = await pool.openAudio(empty.subarray(0, data + 8));
    assert.deepEqual([audio.metadata.sampleRate, audio.metadata.numChannels], [8000, 2]);
    assert.match((await rejection(audio.getAllSamples(), "E_OUT_OF_RANGE")).message, /there are no samples in it/);
    for await (const chunk of audio.samples()) assert.fail(String(chunk.shape));
  });
});

/** The packets of the second second are noise. */
function withHole(path: string): Buffer {
  const bytes = readFileSync(path);
  const [from, to] = [Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5)];
  for (let i = from; i < to; i++) bytes[i] = 0;
  return bytes;
}

describe("sound that is damaged", () => {
  for (const [name, options] of [
    ["hole.flac", ["-c:a", "flac"]],
    ["hole.ac3", ["-c:a", "ac3"]],
    ["hole.aac", ["-c:a", "aac"]],
    ["hole.m4a", ["-c:a", "alac"]],
  ] as const) {
    it(`${name}: what lies before and after the damage is right, what holds it is refused`, async () => {
      const path = sounds(name, options, { seconds: 10 });
      const whole = rowsOf(await (await pool.openAudio(path)).getAllSamples());
      const audio = await pool.openAudio(withHole(path));
      const before = await audio.getSamplesPlayedInRange(0, 3.5);
      assertPart(rowsOf(before), whole, 0, "before");
      const outcome = await audio.getAllSamples().catch((error: unknown) => error);
      if (outcome instanceof FramepoolError) {
        assert.equal(outcome.code, "E_DECODE");
        assert.match(outcome.message, /the sound at [0-9.]+ s cannot be decoded/);
        const behind = await audio.getSamplesPlayedInRange(6.5, 7);
        assert.equal(behind.shape[1], 22050);
      } else {
        // The container found the next packet by itself: there is a gap.
        assert.ok(rowsOf(outcome as never).length < whole.length);
      }
      await audio.close();
    });
  }

  for (const [name, codec] of [
    ["hole.flac", "flac"],
    ["hole.m4a", "alac"],
  ] as const) {
    it(`${name}: with onError "skip", the damage alone is left out, and it is told how much that is`, async () => {
      const path = sounds(name, ["-c:a", codec], { seconds: 10 });
      const whole = rowsOf(await (await pool.openAudio(path)).getAllSamples());
      await rejection((await pool.openAudio(withHole(path))).getAllSamples(), "E_DECODE");
      const audio = await pool.openAudio(withHole(path), { onError: "skip" });
      const all = await audio.getAllSamples();
      const rows = rowsOf(all);
      assert.ok(all.skippedSeconds > 0.5 && all.skippedSeconds < 1.5, String(all.skippedSeconds));
      assert.equal(rows.length + Math.round(all.skippedSeconds * audio.sampleRate), whole.length);
      assertPart(rowsOf(await audio.getSamplesPlayedInRange(0, 3.5)), whole, 0, "before");
      const behind = await audio.getSamplesPlayedInRange(6.5);
      assert.equal(behind.skippedSeconds, 0);
      assertPart(rowsOf(behind), whole, whole.length - behind.shape[1], "behind");
      assertPart(rowsOf(behind), rows, rows.length - behind.shape[1], "behind, of what is left");
      const across = await audio.getSamplesPlayedInRange(3, 7);
      assert.equal(across.skippedSeconds, all.skippedSeconds);
      const chunks: (readonly [number, number])[] = [];
      for await (const chunk of audio.samples({ chunkSeconds: 0.25 }))
        chunks.push([chunk.shape[1], chunk.skippedSeconds]);
      const sum = (column: 0 | 1): number => chunks.reduce((total, chunk) => total + chunk[column], 0);
      assert.equal(sum(0), rows.length);
      assert.ok(Math.abs(sum(1) - all.skippedSeconds) < 1e-9);
    });
  }

  it("of a file that was cut off, all that is there can be had", async () => {
    for (const name of ["hole.flac", "hole.aac", "hole.ac3"]) {
      const options = ["-c:a", name.slice(5)];
      const path = sounds(name, options, { seconds: 10 });
      const whole = rowsOf(await (await pool.openAudio(path)).getAllSamples());
      const bytes = readFileSync(path);
      const audio = await pool.openAudio(bytes.subarray(0, Math.floor(bytes.length / 2)));
      const part = rowsOf(await audio.getAllSamples());
      assert.ok(Math.abs(part.length / whole.length - 0.5) < 0.1, name);
      assertPart({ ...part, length: part.length }, { ...whole }, 0, name);
    }
  });
});

describe("MP3 files with tags, joined", () => {
  async function assertPlaysThrough(path: string, channels: number): Promise<void> {
    const audio = await pool.openAudio(path);
    const whole = rowsOf(await audio.getAllSamples());
    assertSame(whole, ffmpegRows(path, channels), path);
    const last = audio.metadata.beginStreamSeconds + whole.length / audio.sampleRate - 1;
    const part = rowsOf(await audio.getSamplesPlayedInRange(last));
    assertPart(part, whole, whole.length - part.length, "the end by itself");
    await audio.close();
  }

  for (const [name, options] of [
    ["plain.mp3", ["-c:a", "libmp3lame", "-id3v2_version", "4", "-metadata", "title=One"]],
    ["bare.mp3", ["-c:a", "libmp3lame", "-write_xing", "0", "-metadata", "title=Two"]],
  ] as const) {
    it(`${name}: the sound goes on behind the tag, as in FFmpeg`, async () => {
      const bytes = readFileSync(sounds(name, options, { seconds: 4 }));
      const path = join(temporaryFolder(), name);
      writeFileSync(path, Buffer.concat([bytes, bytes, bytes]));
      await assertPlaysThrough(path, 2);
    });
  }

  withSharedMedia((folder) => {
    it("a file of that kind from outside", () => assertPlaysThrough(join(folder, "faults", "two-mp3.mp3"), 1));
  });
});
