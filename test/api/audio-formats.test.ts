import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canEncode } from "./support/ffmpeg.js";
import { testPool } from "./support/pool.js";
import { assertLikeFfmpeg, assertSlices, ffmpegRows, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();
/** Of AAC and MP3, at most. */
const packetSamples = 1152;
/** IMA's steps add up as in its reference since FFmpeg 9, and were multiplied before: by 0.0016 another sum in this file. */
const roundings: Readonly<Record<string, { rounding: number }>> = { "ima.wav": { rounding: 0.002 } };

async function check(name: string, path: string, channels: number, isLossless: boolean): Promise<void> {
  const audio = await pool.openAudio(path);
  assert.equal(audio.metadata.numChannels, channels);
  const samples = await audio.getAllSamples();
  // MP4 says which samples of the last packet are padding; only newer versions of FFmpeg leave them out.
  const end = /\.(m4a|mp4)$/.test(name) ? packetSamples : 0;
  await assertLikeFfmpeg(rowsOf(samples), ffmpegRows(path, channels), name, { isLossless, end, ...roundings[name] });
  await assertSlices(audio, name);
  await audio.close();
}

describe("sound that loses nothing is what was stored", () => {
  const pcm = ["u8", "s16le", "s24le", "s32le", "f32le", "f64le", "alaw", "mulaw"];
  for (const codec of pcm) {
    for (const channels of [1, 2, 6, 16]) {
      it(`WAV ${codec}, ${channels} channels`, async () => {
        const name = `${codec}-${channels}.wav`;
        await check(name, sounds(name, ["-c:a", `pcm_${codec}`], { channels, seconds: 1, rate: 8000 }), channels, true);
      });
    }
  }

  const others: Readonly<Record<string, readonly string[]>> = {
    "big.aiff": ["-c:a", "pcm_s16be"],
    "big.w64": ["-c:a", "pcm_s24le"],
    "big.au": ["-c:a", "pcm_s16be"],
    "big.caf": ["-c:a", "pcm_s16be"],
    "big.mov": ["-c:a", "pcm_s24be"],
    "big.avi": ["-c:a", "pcm_s16le"],
    "big.mkv": ["-c:a", "pcm_s16le"],
    "free.flac": ["-c:a", "flac"],
    "free.ogg": ["-c:a", "flac"],
    "free.mkv": ["-c:a", "flac"],
    "apple.m4a": ["-c:a", "alac"],
    "apple.caf": ["-c:a", "alac"],
    "true.tta": ["-c:a", "tta"],
    "pack.wv": ["-c:a", "wavpack"],
  };
  for (const [name, options] of Object.entries(others)) {
    it(name, async () => {
      await check(name, sounds(name, options, { seconds: 4 }), 2, true);
    });
  }

  it("keeps the source's value of every kind", async () => {
    const scale: Readonly<Record<string, number>> = { u8: 2 ** 7, s16le: 2 ** 15, s24le: 2 ** 23, s32le: 2 ** 31 };
    const exact = await pool.openAudio(
      sounds("f64le-1.wav", ["-c:a", "pcm_f64le"], { channels: 1, seconds: 1, rate: 8000 }),
    );
    const { data: wanted } = await exact.getAllSamples();
    for (const [codec, steps] of Object.entries(scale)) {
      const audio = await pool.openAudio(
        sounds(`${codec}-1.wav`, ["-c:a", `pcm_${codec}`], { channels: 1, seconds: 1, rate: 8000 }),
      );
      const { data } = await audio.getAllSamples();
      const worst = data.reduce((most, sample, i) => Math.max(most, Math.abs(sample - wanted[i]!)), 0);
      assert.ok(worst <= 1 / steps + 2 ** -24, `${codec}: ${worst}`);
      assert.ok(worst > 0 || steps > 2 ** 23, codec);
    }
  });
});

describe("coded sound is what FFmpeg makes of it, and every range a slice of that", () => {
  const coded: Readonly<Record<string, readonly string[]>> = {
    "a.m4a": ["-c:a", "aac"],
    "a.aac": ["-c:a", "aac"],
    "a.mkv": ["-c:a", "aac"],
    "a.ts": ["-c:a", "aac"],
    "a.flv": ["-c:a", "aac"],
    "a.ac3": ["-c:a", "ac3"],
    "b.mkv": ["-c:a", "ac3"],
    "c.mkv": ["-c:a", "eac3"],
    "a.mp2": ["-c:a", "mp2"],
    "a.mpg": ["-c:a", "mp2"],
    "b.ts": ["-c:a", "mp2"],
    "a.wma": ["-c:a", "wmav2"],
    "ima.wav": ["-c:a", "adpcm_ima_wav"],
    "lame.mp3": ["-c:a", "libmp3lame"],
    "vbr.mp3": ["-c:a", "libmp3lame", "-q:a", "6"],
    "no-xing.mp3": ["-c:a", "libmp3lame", "-b:a", "32k", "-write_xing", "0"],
    "lame.mp4": ["-c:a", "libmp3lame"],
    "lame.avi": ["-c:a", "libmp3lame"],
    "lame.swf": ["-c:a", "libmp3lame"],
    "o.ogg": ["-c:a", "libopus"],
    "o.webm": ["-c:a", "libopus"],
    "v.ogg": ["-c:a", "libvorbis"],
    "v.webm": ["-c:a", "libvorbis"],
  };
  for (const [name, options] of Object.entries(coded)) {
    const encoder = options[1]!;
    if (!canEncode(encoder)) continue;
    it(`${name} (${encoder})`, async () => {
      await check(name, sounds(name, options, { seconds: 8 }), 2, false);
    });
  }
});
