import assert from "node:assert/strict";
import { type AudioDecoder, type AudioSamples, versions } from "../../../src/index.js";
import { clip, ffmpeg, ffmpegVersion } from "./ffmpeg.js";

const generated = (seconds: number, channels: number, rate: number): string[] => {
  // Each channel another tone in noise: nothing repeats, and no two channels are alike.
  const tones = Array.from({ length: channels }, (_, i) => `0.2*sin(2*PI*t*${220 + 110 * i})+0.1*(random(${i})-0.5)`);
  return ["-f", "lavfi", "-i", `aevalsrc=exprs=${tones.join("|")}:duration=${seconds}:sample_rate=${rate}`];
};

/** A sound with an encoder's or a container's options. */
export function sounds(
  name: string,
  options: readonly string[],
  { seconds = 2, channels = 2, rate = 44100 }: { seconds?: number; channels?: number; rate?: number } = {},
): string {
  const exact = ["-fflags", "+bitexact", "-flags", "+bitexact"];
  return clip(name, [...generated(seconds, channels, rate), ...options, ...exact]);
}

/** Rows of samples, one for each channel. */
export interface Rows {
  readonly channels: number;
  readonly length: number;
  readonly data: Float32Array;
}

/** What FFmpeg's command line makes of a file: the same float samples, or those that `options` ask for. */
export function ffmpegRows(path: string, channels: number, options: readonly string[] = []): Rows {
  const bytes = ffmpeg(["-i", path, ...options, "-f", "f32le", "-"]);
  const interleaved = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const length = interleaved.length / channels;
  const data = Float32Array.from(interleaved, (_, i) => interleaved[(i % length) * channels + Math.floor(i / length)]!);
  return { channels, length, data };
}

export function rowsOf({ shape, data }: AudioSamples): Rows {
  assert.equal(data.length, shape[0] * shape[1]);
  return { channels: shape[0], length: shape[1], data };
}

/** `part` is what lies at `offset` of `whole`, bit for bit. */
export function assertPart(part: Rows, whole: Rows, offset: number, what: string): void {
  assert.equal(part.channels, whole.channels, what);
  assert.ok(
    offset >= 0 && offset + part.length <= whole.length,
    `${what}: ${offset} + ${part.length} of ${whole.length}`,
  );
  for (let channel = 0; channel < part.channels; channel++) {
    const actual = part.data.subarray(channel * part.length, (channel + 1) * part.length);
    const begin = channel * whole.length + offset;
    const expected = whole.data.subarray(begin, begin + part.length);
    const wrong = actual.findIndex((sample, i) => sample !== expected[i]);
    assert.equal(wrong, -1, `${what}: sample ${wrong} of channel ${channel}`);
  }
}

export function assertSame(actual: Rows, expected: Rows, what: string): void {
  assert.equal(actual.length, expected.length, what);
  assertPart(actual, expected, 0, what);
}

interface Like {
  readonly isLossless?: boolean;
  /** Samples at the end that FFmpeg's versions treat in different ways: left out by some, resampled out of what follows. */
  readonly end?: number;
  /** The largest difference between versions: 1e-6 unless it is given. */
  readonly rounding?: number;
}

/**
 * What FFmpeg's command line made: bit for bit where that is the version inside the library, and of sound without loss. Other
 * versions round on the way to floats in other ways, and leave padding out at the end, or do not.
 */
export async function assertLikeFfmpeg(actual: Rows, expected: Rows, what: string, like: Like = {}): Promise<void> {
  const { ffmpeg: own } = await versions();
  const { isLossless = false, end = 0, rounding = 1e-6 } = like;
  if (isLossless || ffmpegVersion().includes(` ${own.version} `)) {
    assertSame(actual, expected, what);
    return;
  }
  assert.equal(actual.channels, expected.channels, what);
  assert.ok(Math.abs(actual.length - expected.length) <= end, `${what}: ${actual.length} of ${expected.length}`);
  const length = Math.max(actual.length, expected.length) - end;
  for (let channel = 0; channel < actual.channels; channel++) {
    const begin = channel * actual.length;
    const other = channel * expected.length;
    for (let i = 0; i < length; i++) {
      const difference = Math.abs(actual.data[begin + i]! - expected.data[other + i]!);
      assert.ok(difference <= rounding, `${what}: sample ${i} of channel ${channel} differs by ${difference}`);
    }
  }
}

/** Stretches of time, in an order that goes back and forth, as fractions of the whole. */
const stretches: readonly (readonly [number, number])[] = [
  [0.62, 0.67],
  [0.1, 0.15],
  [0.15, 0.2],
  [0, 0.02],
  [0.9, 1],
  [0.3, 0.301],
  [0.5, 0.7],
];

/** Every stretch is the slice of the whole that its times say; of sound without gaps. */
export async function assertSlices(audio: AudioDecoder, what: string): Promise<void> {
  const all = await audio.getAllSamples();
  const whole = rowsOf(all);
  const { ptsSeconds, sampleRate, durationSeconds } = all;
  for (const [from, to] of stretches) {
    const start = ptsSeconds + from * durationSeconds;
    const stop = ptsSeconds + to * durationSeconds;
    const part = await audio.getSamplesPlayedInRange(start, stop);
    const name = `${what} from ${start} to ${stop}`;
    const place = (seconds: number): number =>
      Math.min(Math.floor((seconds - ptsSeconds) * sampleRate + 0.5), whole.length);
    assert.equal(part.shape[1], place(stop) - place(start), name);
    assert.ok(Math.abs(part.ptsSeconds - start) <= 0.5 / sampleRate + 1e-9, name);
    assertPart(rowsOf(part), whole, place(start), name);
    part.release();
  }
  all.release();
}
