import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { versions } from "../../src/index.js";
import { AudioClipLoader } from "../../src/loader/index.js";
import { testPool } from "./support/pool.js";
import { referenceSounds, sharedSounds, withSharedMedia } from "./support/shared-media.js";
import { type Rows, assertPart, assertSlices, rowsOf } from "./support/sound.js";

/** Samples at the end that lie behind the track's duration or its edit: FFmpeg 9 leaves them out, 5.1 does not. */
const leftOut: Readonly<Record<string, number>> = {
  "ax_sample_edit_list_only_preroll_sync_sample.mp4": 64,
  "ax_sample_with_color_info.mp4": 155,
};

/** Their timestamps leave gaps: places in the whole are not what the clock says. */
const withGaps = ["ax_sample_partially_fragmented.mp4", "ax_sample_eac3.mp4"];

withSharedMedia(() => {
  const pool = testPool();
  const sounds = [...sharedSounds("real"), ...sharedSounds("torchcodec", "media")];

  describe("sound of real files", () => {
    it("is all there", () => {
      assert.ok(sounds.length >= 60);
    });

    for (const { name, path, streamIndex, codec, sampleRate, channels, samples, first, ...expected } of sounds) {
      it(`${name}, stream ${streamIndex}: ${codec}, ${channels} channels`, async () => {
        const audio = await pool.openAudio(path, { streamIndex });
        const { metadata } = audio;
        assert.deepEqual([metadata.codec, metadata.sampleRate, metadata.numChannels], [codec, sampleRate, channels]);
        const all = await audio.getAllSamples();
        const { ffmpeg } = await versions();
        const length = samples - (Number.parseInt(ffmpeg.version, 10) >= 9 ? (leftOut[name] ?? 0) : 0);
        assert.deepEqual([all.shape, all.sampleRate], [[channels, length], sampleRate]);
        assert.ok(Math.abs(all.ptsSeconds - first) < 1e-6);
        const rows = rowsOf(all);
        // Other versions of FFmpeg round lossy sound in other ways.
        if (expected.isLossless || ffmpeg.version.startsWith("5.1")) {
          assert.equal(digest(rows), expected.md5, "bit for bit");
        }
        for (let channel = 0; channel < channels; channel++) {
          const row = rows.data.subarray(channel * length, (channel + 1) * length);
          const rms = Math.sqrt(row.reduce((sum, sample) => sum + sample * sample, 0) / samples);
          assert.ok(Math.abs(rms - expected.rms[channel]!) < 1e-4, `channel ${channel}: ${rms}`);
        }
        if (!withGaps.includes(name)) await assertSlices(audio, name);
        await audio.close();
      });
    }
  });

  it("comes in clips from a loader, each a part of the whole", async () => {
    const steady = sounds.filter(({ name }) => !withGaps.includes(name));
    const sampleRate = 16_000;
    const secondsPerClip = 0.1;
    for (const streamIndex of new Set(steady.map((sound) => sound.streamIndex))) {
      const items = steady.filter((sound) => sound.streamIndex === streamIndex).map(({ path }) => path);
      const sampler = { type: "randomTimestamps", numClips: 3, secondsPerClip, seed: 1 } as const;
      const options = { pool, items, sampler, sampleRate, numChannels: 1, batchSize: 3, streamIndex };
      for await (const batch of new AudioClipLoader(options)) {
        const [item = 0] = batch.keys;
        const audio = await pool.openAudio(items[item]!, { sampleRate, numChannels: 1, streamIndex });
        const all = await audio.getAllSamples();
        const whole = rowsOf(all);
        batch.keys.forEach((key, i) => {
          assert.equal(key, item);
          const length = Math.min(whole.length, secondsPerClip * sampleRate);
          assert.equal(batch.numSamples[i], length);
          const place = Math.round((batch.ptsSeconds[i]! - all.ptsSeconds) * sampleRate);
          assertPart({ channels: 1, length, data: batch.clip(i).subarray(0, length) }, whole, place, items[item]!);
        });
        await audio.close();
      }
    }
  });

  describe("torchcodec's reference samples", () => {
    for (const { name, media, streamIndex, samples } of referenceSounds()) {
      it(name, async () => {
        const audio = await pool.openAudio(media, { streamIndex });
        const { data } = await audio.getAllSamples();
        assert.equal(data.length, samples.length);
        const worst = data.reduce((most, sample, i) => Math.max(most, Math.abs(sample - samples[i]!)), 0);
        assert.ok(worst <= (audio.metadata.codec.startsWith("pcm") ? 0 : 1e-5), String(worst));
      });
    }
  });
});

function digest({ channels, length, data }: Rows): string {
  const interleaved = Float32Array.from(data, (_, i) => data[(i % channels) * length + Math.floor(i / channels)]!);
  return createHash("md5").update(new Uint8Array(interleaved.buffer)).digest("hex");
}
