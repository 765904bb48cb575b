import { boolean, checkSignal, codecNames, integer, knownKeys, oneOf, optional, readTimeout } from "../arguments.js";
import { type KnownLimits, type OpenLimits, openLimits } from "../pool/options.js";
import type { AudioOpenSpec } from "../protocol/audio.js";
import type { OpenOptions } from "../sources/media-source.js";

/** How a sound stream is opened, and what comes out of it. */
export interface AudioDecoderOptions extends OpenOptions {
  /** Absolute index over all streams of the file. Default: FFmpeg's best audio stream. */
  readonly streamIndex?: number | undefined;
  /** Samples a second of what is given out, 1 to 1000000. Default: the stream's own. */
  readonly sampleRate?: number | undefined;
  /** Channels of what is given out, mixed by FFmpeg's rules, 1 to 64. Default: the stream's own. */
  readonly numChannels?: number | undefined;
  /**
   * `exact` (default): every range is bit for bit a part of the whole. Codecs whose decoders keep a state for ever (AAC,
   * Opus, AC-3, ...) are then decoded from the start of the file, or from the last range on. `approximate` begins half a
   * second before the range: quick in long files, but the samples differ a little, and where timestamps are coarse, so may
   * their places.
   */
  readonly seekMode?: "exact" | "approximate" | undefined;
  /**
   * Codecs to decode besides the usual ones of docs/codecs.md, by FFmpeg's names ("adpcm_thp"): those that hardly
   * anybody means to decode are refused (E_UNSUPPORTED_CODEC), since every decoder is a way in. Default: none.
   */
  readonly codecs?: readonly string[] | undefined;
  /**
   * What to do with a range that holds sound that cannot be decoded: `throw` (default) rejects with E_DECODE, `skip` leaves that
   * part out and tells in `AudioSamples.skippedSeconds` how much it was. Tags between joined files are no sound.
   */
  readonly onError?: "throw" | "skip" | undefined;
  /**
   * `true`: silence where the file leaves a gap in time, or sound was left out by `onError: "skip"`, so that every sample lies where
   * its time says: a window within the stream has `seconds * sampleRate` samples, whatever is missing in it. Before the first sample and
   * after the last there is still nothing. Default `false`: the samples before and after a gap follow each other.
   */
  readonly fillGaps?: boolean | undefined;
}

const highestRate = 1_000_000;
const mostChannels = 64;

/** Checked options, as plain data: they may go to another thread. */
export interface AudioSettings {
  readonly open: Omit<AudioOpenSpec, keyof OpenLimits>;
  readonly readTimeoutMs: number;
}

export function audioSettings(options: AudioDecoderOptions): AudioSettings {
  knownKeys("options", options, [
    "streamIndex",
    "sampleRate",
    "numChannels",
    "seekMode",
    "onError",
    "fillGaps",
    "codecs",
    "readTimeoutMs",
    "signal",
  ]);
  checkSignal(options.signal);
  const seekMode = oneOf("options.seekMode", options.seekMode ?? "exact", ["exact", "approximate"]);
  const open = {
    streamIndex: optional(integer, "options.streamIndex", options.streamIndex, 0, 2 ** 31 - 1) ?? -1,
    sampleRate: optional(integer, "options.sampleRate", options.sampleRate, 1, highestRate) ?? 0,
    numChannels: optional(integer, "options.numChannels", options.numChannels, 1, mostChannels) ?? 0,
    approximate: seekMode === "approximate",
    skipDamage: oneOf("options.onError", options.onError ?? "throw", ["throw", "skip"]) === "skip",
    fillGaps: boolean("options.fillGaps", options.fillGaps ?? false),
    codecs: codecNames("options.codecs", options.codecs ?? []),
  };
  return { open, readTimeoutMs: readTimeout(options.readTimeoutMs) };
}

/** The limits are the pool's, whoever opens a file on it. */
export function audioOpenSpec({ open }: AudioSettings, limits: KnownLimits): AudioOpenSpec {
  return { ...open, ...openLimits(limits) };
}
