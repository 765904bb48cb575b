import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type AudioDecoder, type AudioDecoderOptions, versions } from "../../src/index.js";
import { cached, canEncode, ffmpeg } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { assertPart, ffmpegRows, type Rows, rowsOf, sounds } from "./support/sound.js";

const pool = testPool();
const seconds = 1.3;
/** Samples. */
const heldBack = 64;
/** Seconds of libopus that are there for its decoder to start with, in front of each part. */
const opusPreSkip = 312 / 48000;
const major = Number.parseInt((await versions()).ffmpeg.version, 10);

/** Of a part: its sample rate and its number of channels. */
type Part = readonly [rate: number, channels: number];

/** Recordings, one after the other: `cat a b c`. */
function joined(extension: string, codec: readonly string[], parts: readonly Part[]): string {
  const paths = parts.map(([rate, channels]) =>
    sounds(`part-${String(rate)}-${String(channels)}.${extension}`, codec, { seconds, rate, channels }),
  );
  return cached(`changes.${extension}`, ["joined", ...paths], (path) => {
    writeFileSync(path, Buffer.concat(paths.map((part) => readFileSync(part))));
  });
}

function copied(name: string, source: string): string {
  return cached(name, [source, "copied"], (path) => ffmpeg(["-i", source, "-c", "copy", path]));
}

const changes: Readonly<Record<string, readonly Part[]>> = {
  "to a higher rate": [
    [44100, 2],
    [48000, 2],
  ],
  "to a lower rate and back": [
    [48000, 2],
    [32000, 2],
    [48000, 2],
  ],
  "to other channels, then to another rate too": [
    [44100, 1],
    [44100, 2],
    [32000, 1],
  ],
};

const kinds: Readonly<Record<string, readonly [extension: string, encoder: string, ...options: string[]]>> = {
  "ADTS AAC": ["aac", "aac"],
  MP3: ["mp3", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"],
  "MP3 with tags": ["mp3", "libmp3lame"],
  "MP2 in TS": ["ts", "mp2"],
  "AAC in TS": ["ts", "aac"],
  "chained Ogg Vorbis": ["ogg", "libvorbis"],
  "chained Ogg FLAC": ["oga", "flac"],
  "chained Ogg Opus": ["opus", "libopus"],
  "AC-3": ["ac3", "ac3"],
  "E-AC-3": ["eac3", "eac3"],
  DTS: ["dts", "dca", "-strict", "-2"],
  MLP: ["mlp", "mlp", "-strict", "-2"],
};

/** Ranges of places that begin and end in any part, and close to where one ends. */
function ranges(length: number, parts: number): readonly (readonly [number, number])[] {
  const seams = Array.from({ length: parts - 1 }, (_, i) => Math.round((length * (i + 1)) / parts));
  const about = seams.flatMap((seam): (readonly [number, number])[] => [
    [seam + 7000, seam + 7600],
    [seam - 3001, seam + 2999],
    [seam + 1, seam + 500],
    [seam - 40, seam - 7],
  ]);
  return [...about.toReversed(), [length - 900, length], [0, 300], [1234, length - 1234], ...about];
}

async function assertRanges(path: string, parts: number, options: AudioDecoderOptions): Promise<Rows> {
  // Where nothing is missing, a place is a sample's number.
  const filled = { ...options, fillGaps: true };
  const audio = await pool.openAudio(path, filled);
  const all = await audio.getAllSamples();
  const whole = rowsOf(all);
  const check = async (decoder: AudioDecoder, begin: number, end: number, what: string): Promise<void> => {
    const time = (place: number): number => all.ptsSeconds + place / all.sampleRate;
    const part = rowsOf(await decoder.getSamplesPlayedInRange(time(begin), time(end)));
    assert.equal(part.length, end - begin, what);
    assertPart(part, whole, begin, what);
  };
  for (const [begin, end] of ranges(whole.length, parts)) {
    const what = `${String(begin)} to ${String(end)} of ${String(whole.length)}`;
    await check(audio, begin, end, what);
    const fresh = await pool.openAudio(path, filled);
    await check(fresh, begin, end, `${what}, asked first`);
    await fresh.close();
  }
  await audio.close();
  return whole;
}

/**
 * As long as FFmpeg's command line makes it, which leaves out what its resampler still holds at a change. `leftOut`: seconds of it
 * that another FFmpeg leaves out.
 */
async function assertLength(path: string, options: AudioDecoderOptions, leftOut: number): Promise<void> {
  const audio = await pool.openAudio(path, options);
  const samples = await audio.getAllSamples();
  const whole = rowsOf(samples);
  const asked = options.sampleRate === undefined ? [] : ["-ar", String(options.sampleRate)];
  const expected = ffmpegRows(path, whole.channels, ["-ac", String(whole.channels), ...asked]);
  const length = expected.length - leftOut * samples.sampleRate;
  assert.ok(Math.abs(whole.length - length) <= heldBack, `${String(whole.length)} of ${String(length)}`);
  await audio.close();
}

async function wholeOf(path: string): Promise<Rows> {
  const audio = await pool.openAudio(path);
  return rowsOf(await audio.getAllSamples());
}

function lastOf({ channels, length, data }: Rows, count: number): Rows {
  const rows = Array.from({ length: channels }, (_, channel) => [
    ...data.subarray((channel + 1) * length - count, (channel + 1) * length),
  ]);
  return { channels, length: count, data: Float32Array.from(rows.flat()) };
}

/** By FFmpeg's Ogg reader since 9. */
function isRefused(kind: string, parts: readonly Part[]): boolean {
  if (kind === "chained Ogg Vorbis") return true;
  return kind === "chained Ogg Opus" && new Set(parts.map(([, channels]) => channels)).size > 1;
}

describe("sound that changes in mid-stream", () => {
  for (const [kind, [extension, encoder, ...options]] of Object.entries(kinds)) {
    if (!canEncode(encoder)) continue;
    for (const [change, parts] of Object.entries(changes)) {
      if (major >= 9 && isRefused(kind, parts)) {
        it(`${kind}, ${change}: an error where FFmpeg reads no further, and what comes before`, async () => {
          const path = joined(extension, ["-c:a", encoder, ...options], parts);
          const audio = await pool.openAudio(path);
          await rejection(audio.getAllSamples(), "E_DECODE");
          const skipping = await pool.openAudio(path, { onError: "skip" });
          const { durationSeconds } = await skipping.getAllSamples();
          assert.ok(Math.abs(durationSeconds - seconds) < 0.01, String(durationSeconds));
        });
        continue;
      }
      // Since 9, as the format asks; before, in front of the first alone.
      const leftOut = kind === "chained Ogg Opus" && major >= 9 ? (parts.length - 1) * opusPreSkip : 0;
      it(`${kind}, ${change}: every range is that of the whole, which is as long as FFmpeg's`, async () => {
        const path = joined(extension, ["-c:a", encoder, ...options], parts);
        for (const sampleRate of [undefined, 16000]) {
          const asked = sampleRate === undefined ? {} : { sampleRate };
          await assertRanges(path, parts.length, asked);
          // Where timestamps begin anew, the command line leaves out, or puts in, what we do not.
          if (extension !== "ts") await assertLength(path, asked, leftOut);
        }
      });
    }
  }

  it("chained Ogg Vorbis whose parts have other codebooks", async () => {
    if (!canEncode("libvorbis")) return;
    const paths = ["0", "9"].map((quality) =>
      sounds(`quality-${quality}.ogg`, ["-c:a", "libvorbis", "-q:a", quality], { seconds, rate: 44100, channels: 2 }),
    );
    const path = cached("qualities.ogg", ["joined", ...paths], (target) => {
      writeFileSync(target, Buffer.concat(paths.map((part) => readFileSync(part))));
    });
    const whole = await assertRanges(path, 2, {});
    const [first, second] = await Promise.all(paths.map(wholeOf));
    assertPart(first!, whole, 0, "the first part");
    // What its first block hands on to the next may be made of the first part's last.
    const tail = lastOf(second!, second!.length - 8192);
    assertPart(tail, whole, whole.length - tail.length, "the second part");
  });

  it("MP3 that was joined and then put into MP4 or Matroska, whose times are no longer exact", async () => {
    if (!canEncode("libmp3lame")) return;
    const parts = changes["to a lower rate and back"]!;
    const mp3 = joined("mp3", ["-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"], parts);
    for (const name of ["changes.mp4", "changes.mkv"]) await assertRanges(copied(name, mp3), parts.length, {});
  });
});

/** Packets of several files, under the first one's header. */
function underOneHeader(name: string, parts: readonly string[]): string {
  return cached(name, ["listed", ...parts], (target) => {
    writeFileSync(`${target}.txt`, parts.map((part) => `file '${part}'\n`).join(""));
    ffmpeg(["-f", "concat", "-safe", "0", "-i", `${target}.txt`, "-c", "copy", target]);
    rmSync(`${target}.txt`);
  });
}

describe("ALAC of one channel between two of two, which its decoder passes over without an error", () => {
  const path = (): string => {
    const parts = [2, 1, 2].map((channels) =>
      sounds(`alac-${String(channels)}.m4a`, ["-c:a", "alac"], { seconds: 1, rate: 48000, channels }),
    );
    return underOneHeader("channels.m4a", parts);
  };

  it("is refused, as a whole and by the ranges that it lies in; what lies around it comes", async () => {
    const audio = await pool.openAudio(path());
    await rejection(audio.getAllSamples(), "E_DECODE");
    await rejection(audio.getSamplesPlayedInRange(1.2, 1.8), "E_DECODE");
    for (const [start, stop] of [
      [0, 1],
      [2, 3],
    ] as const) {
      assert.equal((await audio.getSamplesPlayedInRange(start, stop)).shape[1], 48000);
    }
  });

  it('with onError "skip", a second is left out, and told', async () => {
    const audio = await pool.openAudio(path(), { onError: "skip" });
    const all = await audio.getAllSamples();
    assert.deepEqual([all.shape[1], all.skippedSeconds], [2 * 48000, 1]);
  });
});

describe("FLAC files, joined: the times of each begin anew", () => {
  const lengths: Readonly<Record<string, readonly Part[]>> = {
    "two that are alike": [
      [44100, 2],
      [44100, 2],
    ],
    "three that are alike": [
      [44100, 2],
      [44100, 2],
      [44100, 2],
    ],
    "of other rates": [
      [44100, 2],
      [48000, 2],
    ],
    "of other channels": [
      [44100, 1],
      [44100, 2],
    ],
    "of other rates and channels": [
      [44100, 2],
      [32000, 1],
    ],
    "to other rates and channels, and back": [
      [44100, 1],
      [48000, 2],
      [44100, 1],
    ],
    "whose second has blocks longer than a decoder of the first allows": [
      [32000, 1],
      [44100, 1],
    ],
  };
  const flac = ["-c:a", "flac"];
  for (const [name, parts] of Object.entries(lengths)) {
    it(`${name}: every range is that of the whole, which is all of the parts`, async () => {
      const whole = await assertRanges(joined("flac", flac, parts), parts.length, {});
      const [rate, channels] = parts[0]!;
      assert.equal(whole.length, Math.round(seconds * rate) * parts.length);
      for (const [at, part] of parts.entries()) {
        if (part[0] !== rate || part[1] !== channels) continue;
        const alone = await wholeOf(joined("flac", flac, [part]));
        assertPart(alone, whole, at * alone.length, `part ${String(at)}`);
      }
    });
  }

  it("damage in the second is told at its place, and what is left out is counted", async () => {
    const path = joined("flac", flac, lengths["two that are alike"]!);
    const damaged = cached("damaged.flac", [path, "damaged"], (target) => {
      const bytes = readFileSync(path);
      const seam = bytes.lastIndexOf("fLaC", undefined, "latin1");
      const middle = seam + Math.floor((bytes.length - seam) / 2);
      writeFileSync(target, bytes.fill(0x5a, middle, middle + 64));
    });
    const strict = await pool.openAudio(damaged);
    await rejection(strict.getAllSamples(), "E_DECODE");
    assert.ok((await strict.getSamplesPlayedInRange(0, seconds + 0.3)).shape[1] > 0);
    const skipping = await pool.openAudio(damaged, { onError: "skip" });
    const all = await skipping.getAllSamples();
    assert.ok(all.skippedSeconds > 0.01 && all.skippedSeconds < 0.3, String(all.skippedSeconds));
    assert.ok(Math.abs(all.shape[1] / 44100 + all.skippedSeconds - 2 * seconds) < 1e-4, String(all.shape[1]));
  });

  it("the begin of a file within a file's metadata is no seam", async () => {
    const alone = joined("flac", flac, [[44100, 2]]);
    const path = cached("inside.flac", [alone, "application"], (target) => {
      const bytes = readFileSync(alone);
      const inner = bytes.subarray(0, 60);
      const block = Buffer.concat([Buffer.from([2, 0, 0, 4 + inner.length]), Buffer.from("test"), inner]);
      const behind = 8 + 34;
      writeFileSync(target, Buffer.concat([bytes.subarray(0, behind), block, bytes.subarray(behind)]));
    });
    assertPart(await wholeOf(path), await wholeOf(alone), 0, "all of it");
  });
});

describe("FLAC in Matroska whose second part has longer blocks than its header allows", () => {
  it("what is left out at the end is the same of all samples and of chunks", async () => {
    const parts = ([32000, 48000] as const).map((rate) =>
      sounds(`blocks-${String(rate)}.oga`, ["-c:a", "flac"], { seconds, rate, channels: 1 }),
    );
    const path = underOneHeader("blocks.mkv", parts);
    const audio = await pool.openAudio(path, { onError: "skip" });
    const all = await audio.getAllSamples();
    assert.equal(all.shape[1], Math.round(seconds * 32000));
    assert.ok(all.skippedSeconds > 1, String(all.skippedSeconds));
    let told = 0;
    for await (const chunk of audio.samples()) told += chunk.skippedSeconds;
    assert.equal(told, all.skippedSeconds);
  });
});
